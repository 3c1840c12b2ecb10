"""Rows of project policies."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from lensmith.domain.arn import ProjectArn
from lensmith.domain.clock import now_ms
from lensmith.domain.policy.document import Policy
from lensmith.domain.policy.project_policy import stored_project_policy
from lensmith.domain.project import ProjectPolicy
from lensmith.store.records.tables import project_policies, project_versions, projects


def create(connection: Connection, project_id: int, name: str, document: str) -> str:
    """Attach a policy and return its revision; IntegrityError when the name is taken."""
    revision_id, created_ms = _new_revision(), now_ms()
    connection.execute(
        insert(project_policies).values(
            project_id=project_id,
            name=name,
            document=document,
            revision_id=revision_id,
            created_ms=created_ms,
            updated_ms=created_ms,
        )
    )
    return revision_id


def replace(connection: Connection, policy: ProjectPolicy, document: str) -> str:
    """Write the next revision over a policy and return it."""
    revision_id = _new_revision()
    connection.execute(
        update(project_policies)
        .where(project_policies.c.id == policy.id)
        .values(
            document=document,
            revision_id=revision_id,
            updated_ms=max(now_ms(), policy.updated_ms + 1),
        )
    )
    return revision_id


def remove(connection: Connection, policy: ProjectPolicy) -> None:
    connection.execute(delete(project_policies).where(project_policies.c.id == policy.id))


def find(connection: Connection, project_id: int, name: str) -> ProjectPolicy | None:
    query = select(project_policies).where(
        project_policies.c.project_id == project_id, project_policies.c.name == name
    )
    row = connection.execute(query).one_or_none()
    return _policy(row._mapping) if row is not None else None


def count(connection: Connection, project_id: int) -> int:
    query = select(func.count()).where(project_policies.c.project_id == project_id)
    return int(connection.execute(query).scalar_one())


def page(
    connection: Connection, project_id: int, *, after_id: int | None = None, limit: int
) -> list[ProjectPolicy]:
    """Return policies, oldest first, above the row `after_id`."""
    query = select(project_policies).where(project_policies.c.project_id == project_id)
    if after_id is not None:
        query = query.where(project_policies.c.id > after_id)
    rows = connection.execute(query.order_by(project_policies.c.id).limit(limit))
    return [_policy(row._mapping) for row in rows]


def of_version(connection: Connection, version_arn: str) -> tuple[Policy, ...]:
    """Return the policies of the project that a version belongs to, parsed; () if unknown."""
    rows = connection.execute(
        select(project_policies.c.document, projects.c.arn)
        .select_from(project_policies.join(projects).join(project_versions))
        .where(project_versions.c.arn == version_arn)
        .order_by(project_policies.c.id)
    )
    return tuple(_parsed(row.document, row.arn) for row in rows)


def _parsed(document: str, project_arn: str) -> Policy:
    project = ProjectArn.parse(project_arn)
    assert project is not None  # written by `projects.create`
    return stored_project_policy(document, project)


def _new_revision() -> str:
    return secrets.token_hex(16)


def _policy(row: Any) -> ProjectPolicy:
    names = ProjectPolicy.__dataclass_fields__
    return ProjectPolicy(**{name: row[name] for name in names})
