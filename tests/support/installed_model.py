"""Versions whose model lies in folders, for tests that need no training."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.artefacts import average_colour

from lensmith.config import Settings
from lensmith.domain.project import Project
from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.store.records import project_versions, projects
from lensmith.store.records.engine import Records


def install_model(
    records: Records, machines: Sequence[Settings], name: str, burden: int = 0
) -> tuple[Project, ProjectVersion]:
    """Record a trained version of a new project, and put its model on these machines' disks."""
    with records.write() as connection:
        project = projects.create(connection, "000000000000", "us-east-1", name)
        version = project_versions.create(
            connection,
            project,
            "v1",
            output_bucket="results",
            output_prefix="",
            training_input={},
            testing_input={},
        )
        project_versions.set_status(connection, version.id, VersionStatus.TRAINING_COMPLETED)
    for machine in machines:
        average_colour(machine.models_directory / str(version.id), burden=burden)
    return project, version
