"""Rows of reviews."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from lensmith.domain.clock import now_ms
from lensmith.domain.review import Review
from lensmith.store.records.review_tables import reviews
from lensmith.store.records.tables import projects


def create(connection: Connection, values: Mapping[str, Any]) -> Review:
    """Add a review; `values` are its columns but `id`, `created_ms`, `job_id` and `output`."""
    result = connection.execute(
        insert(reviews).values(created_ms=now_ms(), **values).returning(reviews.c.id)
    )
    return get(connection, int(result.scalar_one()))


def get(connection: Connection, review_id: int) -> Review:
    row = connection.execute(select(reviews).where(reviews.c.id == review_id)).one()
    return _review(row._mapping)


def find(connection: Connection, token: str, account_id: str, region: str) -> Review | None:
    """Find an account's review by its token."""
    query = _of_account(account_id, region).where(reviews.c.token == token)
    row = connection.execute(query).one_or_none()
    return _review(row._mapping) if row is not None else None


def of_account(connection: Connection, account_id: str, region: str) -> list[tuple[str, Review]]:
    """List an account's reviews with the names of their projects, newest first."""
    rows = connection.execute(_of_account(account_id, region).order_by(reviews.c.id.desc()))
    return [(row.project_name, _review(row._mapping)) for row in rows]


def set_job(connection: Connection, review_id: int, job_id: int) -> None:
    connection.execute(update(reviews).where(reviews.c.id == review_id).values(job_id=job_id))


def set_output(connection: Connection, review_id: int, output: Mapping[str, Any] | None) -> None:
    value = dict(output) if output is not None else None
    connection.execute(update(reviews).where(reviews.c.id == review_id).values(output=value))


def remove(connection: Connection, review_id: int) -> None:
    connection.execute(delete(reviews).where(reviews.c.id == review_id))


def _of_account(account_id: str, region: str) -> Any:
    return (
        select(reviews, projects.c.name.label("project_name"))
        .join(projects, projects.c.id == reviews.c.project_id)
        .where(projects.c.account_id == account_id, projects.c.region == region)
    )


def _review(row: Any) -> Review:
    return Review(
        id=row["id"],
        token=row["token"],
        project_id=row["project_id"],
        version_arn=row["version_arn"],
        version_id=row["version_id"],
        version_name=row["version_name"],
        task=row["task"],
        labels=tuple(row["labels"]),
        created_ms=row["created_ms"],
        created_by=row["created_by"],
        source=row["source"],
        sample=row["sample"],
        limit=row["limit"],
        min_confidence=row["min_confidence"],
        job_id=row["job_id"],
        output=row["output"],
    )
