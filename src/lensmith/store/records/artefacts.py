"""The digests under which the models of versions are published."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.store.records import project_versions
from lensmith.store.records.tables import project_versions as rows


def named(connection: Connection) -> set[str]:
    """Return the digests of the models of all versions."""
    query = select(rows.c.artefact).where(rows.c.artefact.is_not(None))
    return set(connection.execute(query).scalars())


def trained(connection: Connection) -> list[ProjectVersion]:
    """Return the versions of every account that have a model."""
    states = [status for status in VersionStatus if status.has_model]
    return project_versions.in_states(connection, states)


def replace(connection: Connection, version: ProjectVersion, digest: str) -> bool:
    """Name another folder as the model of a version, if it still has the one it was read with."""
    query = update(rows).where(
        rows.c.id == version.id, rows.c.artefact.is_not_distinct_from(version.artefact)
    )
    return connection.execute(query.values(artefact=digest)).rowcount == 1
