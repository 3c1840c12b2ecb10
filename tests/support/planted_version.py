"""Versions of a live server that look trained: rows and an evaluation, without hours of fitting."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import Connection
from tests.support.evaluated import Evaluated
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.domain.project import Project
from lensmith.domain.project_version import ProjectVersion, ResultFile, VersionStatus
from lensmith.store.published.model import local_folder
from lensmith.store.records import project_versions, projects
from lensmith.store.records.engine import Records
from lensmith.training.job import evaluation_files


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
    beside: PlantedVersion | None = None,
) -> PlantedVersion:
    """Version v1 of a new project, or v2 of one; without `evaluated` older than such reports."""
    settings = Settings(server.home / "data")
    project, version = _rows(settings, status, beside)
    directory = local_folder(settings, version)
    directory.mkdir(parents=True)
    if evaluated is not None:
        evaluation_files.write(directory, evaluated.report, evaluated.images)
    return PlantedVersion(project.name, project.arn, version)


def _rows(
    settings: Settings, status: VersionStatus, beside: PlantedVersion | None
) -> tuple[Project, ProjectVersion]:
    name = "v1" if beside is None else "v2"
    records = Records.of(settings)
    try:
        with records.write() as connection:
            project = _project(connection, settings, beside)
            made = project_versions.create(
                connection,
                project,
                name,
                output_bucket="results",
                output_prefix="run",
                training_input={},
                testing_input={"AutoCreate": False},
            )
            files = (ResultFile.TESTING_GROUND_TRUTH, ResultFile.EVALUATION_SUMMARY)
            project_versions.finish_training(
                connection,
                made.id,
                status,
                "As the test wants.",
                result_files={each.value: each.key("run", project.name, name) for each in files},
                f1_score=0.8,
            )
            found = project_versions.find(connection, made.arn)
    finally:
        records.close()
    assert found is not None
    return project, found


def _project(connection: Connection, settings: Settings, beside: PlantedVersion | None) -> Project:
    if beside is None:
        name = f"planted-{uuid.uuid4().hex[:8]}"
        return projects.create(connection, settings.account_id, settings.region, name)
    found = projects.find(connection, beside.project_arn)
    assert found is not None
    return found
