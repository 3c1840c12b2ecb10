"""A version with a tiny model on a live server, and its inference units."""

from __future__ import annotations

import json
from typing import Any

import psutil
from tests.boto3.recorded import record_version
from tests.e2e.lab import Lab
from tests.support.artefacts import convolved_colour, with_int8
from tests.support.command import Done, lensmith
from tests.support.eventually import until
from tests.support.live_server import LiveServer, command_line
from tests.support.signed_caller import SignedCaller

from lensmith.config import Settings
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records.engine import Records


class Hosted:
    """A version with a tiny model on a server of its own, and how its units are reached."""

    def __init__(self, server: LiveServer) -> None:
        self.lab = Lab.open(server)
        self.project_arn = self.lab.create_project()
        settings = Settings(server.home / "data")
        records = Records.of(settings)
        version = record_version(records, self.project_arn, VersionStatus.TRAINING_COMPLETED)
        records.close()
        self._model = settings.models_directory / str(version.id)
        convolved_colour(self._model)
        with_int8(self._model, (0.45, 0.55, 0.65))
        self.server, self.arn = server, version.arn
        self.project = version.arn.split("/")[1]
        self.path = f"/_lensmith/projects/{self.project}/versions/v1/units"
        self._admin = SignedCaller(server)

    def units(self, caller: SignedCaller | None = None) -> dict[str, Any]:
        return (caller or self._admin).call("GET", self.path)

    def resize(self, caller: SignedCaller | None = None, **units: Any) -> dict[str, Any]:
        return (caller or self._admin).call("POST", self.path, json.dumps(units).encode())

    def await_in_service(self, count: int) -> None:
        until(self.units, lambda units: units["InServiceInferenceUnits"] == count)

    def lensmith(self, *arguments: str) -> Done:
        return lensmith(self.server.environment(), *arguments)

    def processes(self) -> list[psutil.Process]:
        """Its inference units."""
        workers = self.server.children("lensmith.serving.worker")
        return [each for each in workers if str(self._model) in command_line(each).split()]
