"""Versions written into the records as a training or the fleet would leave them."""

from __future__ import annotations

from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.store.records import project_versions, projects
from lensmith.store.records.engine import Records


def record_version(
    records: Records, project_arn: str, status: VersionStatus, name: str = "v1"
) -> ProjectVersion:
    with records.write() as connection:
        project = projects.find(connection, project_arn)
        assert project is not None
        made = project_versions.create(
            connection,
            project,
            name,
            output_bucket="results",
            output_prefix="",
            training_input={},
            testing_input={"AutoCreate": False},
        )
        project_versions.set_status(connection, made.id, status, "As the test wants.")
    return made
