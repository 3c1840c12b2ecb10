"""A live server with two networks of the kinds that training makes, ready to be started."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from tests.support.live_server import LiveServer, command_line

from lensmith.config import Settings
from lensmith.domain.project import Project
from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.store.keyring.key_service import key_service
from lensmith.store.published.model import local_folder
from lensmith.store.published.opening import published_folders
from lensmith.store.records import artefacts, keys, project_versions, projects
from lensmith.store.records.engine import Records
from lensmith.store.sealed.copying import seal_copy
from lensmith.store.sealed.folder import create_sealed

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

KINDS = ("classifier", "detector")
_POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class ReadyModel:
    """A version of a live server."""

    kind: str
    project_arn: str
    arn: str
    directory: Path

    def start(self, rekognition: RekognitionClient, units: int = 1) -> float:
        """Start it; the seconds from the call until DescribeProjectVersions says RUNNING."""
        began = time.perf_counter()
        rekognition.start_project_version(ProjectVersionArn=self.arn, MinInferenceUnits=units)
        self._await(rekognition, "RUNNING", "STARTING")
        return time.perf_counter() - began

    def stop(self, rekognition: RekognitionClient) -> None:
        rekognition.stop_project_version(ProjectVersionArn=self.arn)
        self._await(rekognition, "STOPPED", "STOPPING")

    def units(self, server: LiveServer) -> list[psutil.Process]:
        """Its processes."""
        workers = server.children("lensmith.serving.worker")
        return [each for each in workers if str(self.directory) in command_line(each).split()]

    def _await(self, rekognition: RekognitionClient, wanted: str, before: str) -> None:
        while True:
            (seen,) = rekognition.describe_project_versions(ProjectArn=self.project_arn)[
                "ProjectVersionDescriptions"
            ]
            if seen["Status"] == wanted:
                return
            if seen["Status"] != before:
                raise SystemExit(f"{seen['Status']}: {seen['StatusMessage']}")
            time.sleep(_POLL_SECONDS)


@contextmanager
def served_models(*, with_sealed: bool = False) -> Iterator[tuple[LiveServer, list[ReadyModel]]]:
    """The server and a version of each kind, also one under a key; nothing of them is kept."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        # A process of its own: nothing that is measured here shares memory with PyTorch.
        command = [sys.executable, "-m", "bench.serving.models", str(folder / "models")]
        subprocess.run(command, check=True)
        server = LiveServer(folder / "home")
        server.start()
        try:
            made = [_install(server, folder / "models" / kind) for kind in KINDS]
            if with_sealed:
                made += [_install(server, folder / "models" / kind, sealed=True) for kind in KINDS]
            yield server, made
        finally:
            server.stop()


def _install(server: LiveServer, model: Path, *, sealed: bool = False) -> ReadyModel:
    settings = Settings(server.home / "data")
    name = f"{model.name}-sealed" if sealed else model.name
    project, version = trained(settings, model, name)
    directory = settings.models_directory / str(version.id)
    if sealed:
        _seal(settings, model, directory)
    return ReadyModel(name, project.arn, version.arn, _published(settings, version, directory))


def _published(settings: Settings, version: ProjectVersion, directory: Path) -> Path:
    """Publish the model as a training does; returns where it is."""
    records = Records.of(settings)
    digest = published_folders(settings, records).publish(directory)
    with records.write() as connection:
        artefacts.replace(connection, version, digest)
    records.close()
    return local_folder(settings, replace(version, artefact=digest))


def _seal(settings: Settings, model: Path, directory: Path) -> None:
    records = Records.of(settings)
    with records.write() as connection:
        policy = {"Version": "2012-10-17", "Statement": []}
        key = keys.create(connection, settings.account_id, settings.region, json.dumps(policy))
    shutil.rmtree(directory)
    directory.mkdir()
    seal_copy(model, create_sealed(directory, key_service(settings, records), key.arn, {}))
    records.close()


def trained(settings: Settings, model: Path, name: str = "") -> tuple[Project, ProjectVersion]:
    """A version with a copy of the model, ready to be started, as a training leaves it."""
    records = Records.of(settings)
    with records.write() as connection:
        project = projects.create(
            connection, settings.account_id, settings.region, name or model.name
        )
        version = project_versions.create(
            connection,
            project,
            "bench",
            output_bucket="bench",
            output_prefix="",
            training_input={},
            testing_input={},
        )
        shutil.copytree(model, settings.models_directory / str(version.id))
        project_versions.set_status(connection, version.id, VersionStatus.TRAINING_COMPLETED)
    records.close()
    return project, version
