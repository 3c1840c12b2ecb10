"""Rows of projects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from lensmith.domain.arn import ProjectArn
from lensmith.domain.clock import now_ms
from lensmith.domain.project import Project, ProjectStatus
from lensmith.store.records import tags
from lensmith.store.records.tables import datasets, project_versions, projects

# Built once: building a statement takes longer than running it.
_BY_ARN = select(projects).where(projects.c.arn == bindparam("given"))
_BY_ID = select(projects).where(projects.c.id == bindparam("given"))
_BY_NAME = select(projects).where(
    projects.c.account_id == bindparam("account"),
    projects.c.region == bindparam("region"),
    projects.c.name == bindparam("name"),
)


def create(connection: Connection, account_id: str, region: str, name: str) -> Project:
    """Add a project in CREATED; raises sqlalchemy.exc.IntegrityError when the name is taken."""
    created_ms = _unused_stamp(connection, account_id, region)
    arn = str(ProjectArn(region, account_id, name, created_ms))
    connection.execute(
        insert(projects).values(
            arn=arn,
            account_id=account_id,
            region=region,
            name=name,
            created_ms=created_ms,
            status=ProjectStatus.CREATED.value,
        )
    )
    found = find(connection, arn)
    assert found is not None
    return found


def find(connection: Connection, arn: str) -> Project | None:
    row = connection.execute(_BY_ARN, {"given": arn}).one_or_none()
    return _project(row._mapping) if row is not None else None


def get(connection: Connection, project_id: int) -> Project:
    row = connection.execute(_BY_ID, {"given": project_id}).one()
    return _project(row._mapping)


def find_by_name(connection: Connection, account_id: str, region: str, name: str) -> Project | None:
    given = {"account": account_id, "region": region, "name": name}
    row = connection.execute(_BY_NAME, given).one_or_none()
    return _project(row._mapping) if row is not None else None


def lock(connection: Connection, project_id: int) -> None:
    """Lock a project's row until this transaction ends; other lockers wait."""
    connection.execute(select(projects.c.id).where(projects.c.id == project_id).with_for_update())


def count(connection: Connection, account_id: str, region: str) -> int:
    query = select(func.count()).where(
        projects.c.account_id == account_id, projects.c.region == region
    )
    return int(connection.execute(query).scalar_one())


def page(
    connection: Connection,
    account_id: str,
    region: str,
    *,
    names: Sequence[str] = (),
    before_id: int | None = None,
    limit: int,
) -> list[Project]:
    """Return projects, newest first, below the row `before_id`; empty `names` means all."""
    query = select(projects).where(projects.c.account_id == account_id, projects.c.region == region)
    if names:
        query = query.where(projects.c.name.in_(names))
    if before_id is not None:
        query = query.where(projects.c.id < before_id)
    rows = connection.execute(query.order_by(projects.c.id.desc()).limit(limit))
    return [_project(row._mapping) for row in rows]


def set_status(connection: Connection, project_id: int, status: ProjectStatus) -> None:
    connection.execute(
        update(projects).where(projects.c.id == project_id).values(status=status.value)
    )


def is_empty(connection: Connection, project_id: int) -> bool:
    """Return whether the project has neither datasets nor versions, in any state."""
    has_dataset = select(datasets.c.id).where(datasets.c.project_id == project_id).limit(1)
    has_version = (
        select(project_versions.c.id).where(project_versions.c.project_id == project_id).limit(1)
    )
    return (
        connection.execute(has_dataset).first() is None
        and connection.execute(has_version).first() is None
    )


def remove(connection: Connection, project: Project) -> None:
    """Delete the row and its tags."""
    tags.remove_all(connection, project.arn)
    connection.execute(delete(projects).where(projects.c.id == project.id))


def _unused_stamp(connection: Connection, account_id: str, region: str) -> int:
    newest = connection.execute(
        select(func.max(projects.c.created_ms)).where(
            projects.c.account_id == account_id, projects.c.region == region
        )
    ).scalar()
    return max(now_ms(), (newest or 0) + 1)


def _project(row: Any) -> Project:
    return Project(
        id=row["id"],
        arn=row["arn"],
        account_id=row["account_id"],
        region=row["region"],
        name=row["name"],
        created_ms=row["created_ms"],
        status=ProjectStatus(row["status"]),
    )
