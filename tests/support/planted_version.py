"""Versions of a live server that look trained: rows and an evaluation, without hours of fitting."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from tests.support.evaluated import Evaluated
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.domain.project import Project
from lensmith.domain.project_version import ProjectVersion, ResultFile, VersionStatus
from lensmith.store.records import project_versions, projects
from lensmith.store.records.engine import Records
from lensmith.training.job import evaluation_files
from lensmith.training.job.workspace import installed_model


@dataclass(frozen=True)
class PlantedVersion:
    project: str
    project_arn: str
    version: ProjectVersion

    @property
    def path(self) -> str:
        return f"/_lensmith/projects/{self.project}/versions/{self.version.name}"


def plant(
    server: LiveServer,
    evaluated: Evaluated | None,
    status: VersionStatus = VersionStatus.TRAINING_COMPLETED,
) -> PlantedVersion:
    """Version v1 of a new project; without `evaluated` it is older than evaluation reports."""
    settings = Settings(server.home / "data")
    project, version = _rows(settings, status)
    directory = installed_model(settings, version)
    directory.mkdir(parents=True)
    if evaluated is not None:
        evaluation_files.write(directory, evaluated.report, evaluated.images)
    return PlantedVersion(project.name, project.arn, version)


def _rows(settings: Settings, status: VersionStatus) -> tuple[Project, ProjectVersion]:
    name = f"planted-{uuid.uuid4().hex[:8]}"
    records = Records.open(settings.records_location)
    try:
        with records.write() as connection:
            project = projects.create(connection, settings.account_id, settings.region, name)
            made = project_versions.create(
                connection,
                project,
                "v1",
                output_bucket="results",
                output_prefix="run",
                training_input={},
                testing_input={"AutoCreate": False},
            )
            file = ResultFile.TESTING_GROUND_TRUTH
            project_versions.finish_training(
                connection,
                made.id,
                status,
                "As the test wants.",
                result_files={file.value: file.key("run", project.name, "v1")},
            )
            found = project_versions.find(connection, made.arn)
    finally:
        records.close()
    assert found is not None
    return project, found
