"""What a user and the operating system can do to a fleet of real processes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import replace
from typing import TypeVar

import psutil
import uvloop
from tests.support.artefacts import average_colour
from tests.support.eventually import until

from lensmith.config import Settings
from lensmith.domain.label import Prediction
from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.serving.supervisor import LocalFleet
from lensmith.serving.timeouts import Timeouts
from lensmith.store.published.model import local_folder
from lensmith.store.records import project_versions, projects
from lensmith.store.records.engine import Records

_CLOSE_SECONDS = 10.0  # for a loop

T = TypeVar("T")


class EventLoop:
    """One that turns in a thread of its own, as that of the HTTP server does."""

    def __init__(self) -> None:
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._turn, daemon=True)
        self._thread.start()

    def _turn(self) -> None:
        self._loop.run_forever()
        self._loop.close()

    def run(self, coroutine: Coroutine[None, None, T]) -> T:
        """What comes of it; may be called in several threads at once."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        # uvloop may not close a loop in which TLS is being shut down; a daemon is not awaited.
        self._thread.join(_CLOSE_SECONDS)


class Machine:
    """A fleet over real records; its models are tiny ONNX graphs."""

    def __init__(self, settings: Settings, records: Records, loop: EventLoop) -> None:
        self.loop = loop
        self.settings = settings
        self.records = records
        self.fleet = self._new_fleet()
        with records.write() as connection:
            self._project = projects.create(connection, "000000000000", "us-east-1", "colours")

    def detect(self, version_arn: str, image: bytes) -> Prediction:
        """What DetectCustomLabels does with an image that came with the call."""
        return self.loop.run(self._detect(version_arn, image))

    async def _detect(self, version_arn: str, image: bytes) -> Prediction:
        with self.fleet.admission(version_arn) as detect:
            return await detect(image)

    def train(self, name: str, burden: int = 0) -> ProjectVersion:
        """A version that is ready to be started."""
        version = self.train_without_model(name)
        average_colour(self.settings.models_directory / str(version.id), burden=burden)
        return version

    def train_without_model(self, name: str) -> ProjectVersion:
        with self.records.write() as connection:
            version = project_versions.create(
                connection,
                self._project,
                name,
                output_bucket="results",
                output_prefix="",
                training_input={},
                testing_input={},
            )
        self._move(version, VersionStatus.TRAINING_COMPLETED)
        return version

    def start(self, version: ProjectVersion, units: int = 1, most: int | None = None) -> None:
        """What StartProjectVersion does."""
        with self.records.write() as connection:
            project_versions.set_units(connection, version.id, units, most)
        self._move(version, VersionStatus.STARTING)

    def run(self, version: ProjectVersion, units: int = 1, most: int | None = None) -> None:
        self.start(version, units, most)
        self.await_status(version, VersionStatus.RUNNING)

    def stop(self, version: ProjectVersion) -> None:
        """What StopProjectVersion does."""
        self._move(version, VersionStatus.STOPPING)

    def resize(self, version: ProjectVersion, units: int, most: int | None = None) -> None:
        """What resizing a running version does."""
        with self.records.write() as connection:
            project_versions.set_units(connection, version.id, units, most)
        self.fleet.wake()

    def restart(self, timeouts: Timeouts | None = None, idle_stop_seconds: int = 0) -> None:
        """The server ends and starts again, with other settings."""
        self.fleet.stop()
        self.settings = replace(self.settings, idle_stop_seconds=idle_stop_seconds)
        self.fleet = self._new_fleet(timeouts)
        self.fleet.start()

    def find(self, version: ProjectVersion) -> ProjectVersion:
        with self.records.read() as connection:
            found = project_versions.find(connection, version.arn)
        assert found is not None
        return found

    def await_status(self, version: ProjectVersion, status: VersionStatus) -> None:
        until(lambda: self.find(version).status is status)

    def workers(self, version: ProjectVersion) -> list[psutil.Process]:
        """The live unit processes of a version."""
        directory = str(local_folder(self.settings, version))
        children = psutil.Process().children()
        return [child for child in children if directory in _command(child)]

    def _move(self, version: ProjectVersion, status: VersionStatus) -> None:
        with self.records.write() as connection:
            project_versions.set_status(connection, version.id, status)
        self.fleet.wake()

    def _new_fleet(self, timeouts: Timeouts | None = None) -> LocalFleet:
        return LocalFleet(self.settings, self.records, timeouts)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []
