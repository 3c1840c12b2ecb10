"""Rows of project versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from lensmith.domain.arn import ProjectVersionArn
from lensmith.domain.clock import now_ms
from lensmith.domain.project import Project
from lensmith.domain.project_version import STATUS_MESSAGES, ProjectVersion, VersionStatus
from lensmith.store.records import tags
from lensmith.store.records.record_cache import outlasts_outage
from lensmith.store.records.tables import project_versions, projects

# Built once: every call of DetectCustomLabels reads its version.
_BY_ARN = select(project_versions).where(project_versions.c.arn == bindparam("given"))


def create(
    connection: Connection,
    project: Project,
    name: str,
    *,
    output_bucket: str,
    output_prefix: str,
    training_input: Mapping[str, Any],
    testing_input: Mapping[str, Any],
    kms_key_id: str | None = None,
    description: str | None = None,
) -> ProjectVersion:
    """Add a version in TRAINING_IN_PROGRESS; IntegrityError when the name is taken."""
    return _add(
        connection,
        project,
        name,
        VersionStatus.TRAINING_IN_PROGRESS,
        output_bucket=output_bucket,
        output_prefix=output_prefix,
        kms_key_id=kms_key_id,
        description=description,
        training_input=dict(training_input),
        testing_input=dict(testing_input),
    )


def create_copy(
    connection: Connection,
    project: Project,
    name: str,
    source: ProjectVersion,
    *,
    output_bucket: str,
    output_prefix: str,
    kms_key_id: str | None = None,
) -> ProjectVersion:
    """Add a version in COPYING_IN_PROGRESS; IntegrityError when the name is taken."""
    return _add(
        connection,
        project,
        name,
        VersionStatus.COPYING_IN_PROGRESS,
        output_bucket=output_bucket,
        output_prefix=output_prefix,
        kms_key_id=kms_key_id,
        training_input={},
        testing_input={},
        source_version_arn=source.arn,
    )


def finish_copy(
    connection: Connection,
    version: ProjectVersion,
    source: ProjectVersion,
    result_files: Mapping[str, str],
    artefact: str,
) -> None:
    """Record the end of a copy with what is known of its source's training."""
    status = VersionStatus.COPYING_COMPLETED
    connection.execute(
        update(project_versions)
        .where(project_versions.c.id == version.id)
        .values(
            status=status.value,
            status_message=STATUS_MESSAGES[status],
            training_input=source.training_input,
            testing_input=source.testing_input,
            training_end_ms=source.training_end_ms,
            f1_score=source.f1_score,
            own_thresholds=source.own_thresholds,
            result_files=dict(result_files),
            artefact=artefact,
        )
    )


def is_being_copied(connection: Connection, version: ProjectVersion) -> bool:
    """Return whether a copy of the version, in any account, has not ended."""
    query = select(project_versions.c.id).where(
        project_versions.c.source_version_arn == version.arn,
        project_versions.c.status == VersionStatus.COPYING_IN_PROGRESS.value,
    )
    return connection.execute(query.limit(1)).first() is not None


@outlasts_outage
def find(connection: Connection, arn: str) -> ProjectVersion | None:
    row = connection.execute(_BY_ARN, {"given": arn}).one_or_none()
    return _version(row._mapping) if row is not None else None


def find_by_id(connection: Connection, version_id: int) -> ProjectVersion | None:
    query = select(project_versions).where(project_versions.c.id == version_id)
    row = connection.execute(query).one_or_none()
    return _version(row._mapping) if row is not None else None


def page(
    connection: Connection,
    project_id: int,
    *,
    names: Sequence[str] = (),
    before_id: int | None = None,
    limit: int,
) -> list[ProjectVersion]:
    """Return versions, newest first, below the row `before_id`; empty `names` means all."""
    query = select(project_versions).where(project_versions.c.project_id == project_id)
    if names:
        query = query.where(project_versions.c.name.in_(names))
    if before_id is not None:
        query = query.where(project_versions.c.id < before_id)
    rows = connection.execute(query.order_by(project_versions.c.id.desc()).limit(limit))
    return [_version(row._mapping) for row in rows]


def in_states(connection: Connection, states: Iterable[VersionStatus]) -> list[ProjectVersion]:
    """Return versions of every account in one of the states, oldest first."""
    rows = connection.execute(
        select(project_versions)
        .where(project_versions.c.status.in_([state.value for state in states]))
        .order_by(project_versions.c.id)
    )
    return [_version(row._mapping) for row in rows]


def count_in_states(
    connection: Connection, account_id: str, region: str, states: Iterable[VersionStatus]
) -> int:
    """Count the versions of one account and region in one of the states."""
    query = (
        select(func.count())
        .select_from(project_versions.join(projects))
        .where(
            projects.c.account_id == account_id,
            projects.c.region == region,
            project_versions.c.status.in_([state.value for state in states]),
        )
    )
    return int(connection.execute(query).scalar_one())


def count(connection: Connection, project_id: int) -> int:
    query = select(func.count()).where(project_versions.c.project_id == project_id)
    return int(connection.execute(query).scalar_one())


def set_status(
    connection: Connection,
    version_id: int,
    status: VersionStatus,
    message: str | None = None,
    *,
    only_from: Iterable[VersionStatus] | None = None,
) -> bool:
    """Set the status if the current one is in `only_from` (compare and set); False otherwise.

    Without a message the status's own sentence is used.
    """
    query = update(project_versions).where(project_versions.c.id == version_id)
    if only_from is not None:
        query = query.where(project_versions.c.status.in_([state.value for state in only_from]))
    text = message if message is not None else STATUS_MESSAGES[status]
    changed = connection.execute(query.values(status=status.value, status_message=text))
    return changed.rowcount == 1


def set_units(
    connection: Connection, version_id: int, min_units: int, max_units: int | None
) -> None:
    connection.execute(
        update(project_versions)
        .where(project_versions.c.id == version_id)
        .values(min_units=min_units, max_units=max_units)
    )


def set_own_thresholds(
    connection: Connection, version_id: int, thresholds: Mapping[str, float] | None
) -> None:
    """Store thresholds instead of those of training; None goes back to these."""
    own = None if thresholds is None else dict(thresholds)
    connection.execute(
        update(project_versions)
        .where(project_versions.c.id == version_id)
        .values(own_thresholds=own)
    )


def finish_training(
    connection: Connection,
    version_id: int,
    status: VersionStatus,
    message: str | None = None,
    *,
    result_files: Mapping[str, str],
    f1_score: float | None = None,
    billable_seconds: int | None = None,
    artefact: str | None = None,
) -> None:
    """Record the end of a training: the S3 keys of its result files, the digest of its model."""
    text = message if message is not None else STATUS_MESSAGES[status]
    connection.execute(
        update(project_versions)
        .where(project_versions.c.id == version_id)
        .values(
            status=status.value,
            status_message=text,
            training_end_ms=now_ms(),
            result_files=dict(result_files),
            f1_score=f1_score,
            billable_seconds=billable_seconds,
            artefact=artefact,
        )
    )


def remove(connection: Connection, version: ProjectVersion) -> None:
    """Delete the row and its tags."""
    tags.remove_all(connection, version.arn)
    connection.execute(delete(project_versions).where(project_versions.c.id == version.id))


def _add(
    connection: Connection, project: Project, name: str, status: VersionStatus, **values: Any
) -> ProjectVersion:
    created_ms = _unused_stamp(connection, project.id)
    arn = str(ProjectVersionArn(project.region, project.account_id, project.name, name, created_ms))
    connection.execute(
        insert(project_versions).values(
            arn=arn,
            project_id=project.id,
            name=name,
            status=status.value,
            status_message=STATUS_MESSAGES[status],
            created_ms=created_ms,
            result_files={},
            **values,
        )
    )
    found = find(connection, arn)
    assert found is not None
    return found


def _unused_stamp(connection: Connection, project_id: int) -> int:
    newest = connection.execute(
        select(func.max(project_versions.c.created_ms)).where(
            project_versions.c.project_id == project_id
        )
    ).scalar()
    return max(now_ms(), (newest or 0) + 1)


def _version(row: Any) -> ProjectVersion:
    names = ProjectVersion.__dataclass_fields__
    values = {name: row[name] for name in names}
    return ProjectVersion(**{**values, "status": VersionStatus(row["status"])})
