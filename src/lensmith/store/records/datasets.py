"""Rows of datasets; their content is in `entries` and `labels`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, tuple_, update

from lensmith.domain.arn import DatasetArn
from lensmith.domain.clock import now_ms
from lensmith.domain.dataset import (
    Dataset,
    DatasetStats,
    DatasetStatus,
    DatasetType,
    StatusMessageCode,
)
from lensmith.domain.project import Project
from lensmith.store.records import tags
from lensmith.store.records.tables import (
    datasets,
    entries,
    entry_labels,
    entry_lines,
    labels,
    projects,
)

# Built once: building a statement takes longer than running it.
_BY_ARN = select(datasets).where(datasets.c.arn == bindparam("given"))


def create(
    connection: Connection,
    project: Project,
    dataset_type: DatasetType,
    status: DatasetStatus,
    status_message: str,
) -> Dataset:
    """Add a dataset; raises sqlalchemy.exc.IntegrityError if the project has the type."""
    created_ms = _unused_stamp(connection, project.id)
    arn = DatasetArn(project.region, project.account_id, project.name, dataset_type, created_ms)
    connection.execute(
        insert(datasets).values(
            arn=str(arn),
            project_id=project.id,
            type=dataset_type.value,
            status=status.value,
            status_message=status_message,
            status_code=StatusMessageCode.SUCCESS.value,
            created_ms=created_ms,
            updated_ms=created_ms,
        )
    )
    found = find(connection, str(arn))
    assert found is not None
    return found


def find(connection: Connection, arn: str) -> Dataset | None:
    row = connection.execute(_BY_ARN, {"given": arn}).one_or_none()
    return _dataset(row._mapping) if row is not None else None


def of_project(connection: Connection, project_id: int) -> list[Dataset]:
    """Return the datasets of a project, oldest first: at most one TRAIN and one TEST."""
    rows = connection.execute(
        select(datasets).where(datasets.c.project_id == project_id).order_by(datasets.c.id)
    )
    return [_dataset(row._mapping) for row in rows]


@dataclass(frozen=True, slots=True)
class OfProject:
    """A dataset with the name and ARN of its project."""

    project: str
    project_arn: str
    dataset: Dataset


def page(
    connection: Connection,
    account_id: str,
    region: str,
    *,
    project: str | None = None,
    after: int | None = None,
    limit: int,
) -> list[OfProject]:
    """Return datasets, those of the newest project first and TRAIN before TEST, after a position.

    `position_of` tells the position of a dataset.
    """
    query = (
        select(datasets, projects.c.name.label("project"), projects.c.arn.label("project_arn"))
        .join(projects, projects.c.id == datasets.c.project_id)
        .where(projects.c.account_id == account_id, projects.c.region == region)
    )
    if project is not None:
        query = query.where(projects.c.name == project)
    if after is not None:
        at = (after // 2, DatasetType.TEST.value if after % 2 else DatasetType.TRAIN.value)
        query = query.where(tuple_(datasets.c.project_id, datasets.c.type) < at)
    ordered = query.order_by(datasets.c.project_id.desc(), datasets.c.type.desc())
    return [
        OfProject(row.project, row.project_arn, _dataset(row._mapping))
        for row in connection.execute(ordered.limit(limit))
    ]


def position_of(dataset: Dataset) -> int:
    """Return where a dataset is in `page`: it holds the project and the type, and outlasts both."""
    return 2 * dataset.project_id + (dataset.type is DatasetType.TEST)


def set_status(
    connection: Connection,
    dataset_id: int,
    status: DatasetStatus,
    message: str,
    code: StatusMessageCode = StatusMessageCode.SUCCESS,
) -> None:
    connection.execute(
        update(datasets)
        .where(datasets.c.id == dataset_id)
        .values(
            status=status.value,
            status_message=message,
            status_code=code.value,
            updated_ms=now_ms(),
        )
    )


def set_stats(connection: Connection, dataset_id: int, stats: DatasetStats) -> None:
    connection.execute(
        update(datasets)
        .where(datasets.c.id == dataset_id)
        .values(
            total_entries=stats.total_entries,
            labeled_entries=stats.labeled_entries,
            total_labels=stats.total_labels,
            error_entries=stats.error_entries,
        )
    )


def clear(connection: Connection, dataset_id: int) -> None:
    """Delete all entries and labels, keeping the dataset."""
    for table in (entry_labels, labels, entry_lines, entries):
        connection.execute(delete(table).where(table.c.dataset_id == dataset_id))


def remove(connection: Connection, dataset: Dataset) -> None:
    """Delete the dataset, its content and its tags."""
    clear(connection, dataset.id)
    tags.remove_all(connection, dataset.arn)
    connection.execute(delete(datasets).where(datasets.c.id == dataset.id))


def _unused_stamp(connection: Connection, project_id: int) -> int:
    newest = connection.execute(
        select(func.max(datasets.c.created_ms)).where(datasets.c.project_id == project_id)
    ).scalar()
    return max(now_ms(), (newest or 0) + 1)


def _dataset(row: Any) -> Dataset:
    return Dataset(
        id=row["id"],
        arn=row["arn"],
        project_id=row["project_id"],
        type=DatasetType(row["type"]),
        status=DatasetStatus(row["status"]),
        status_message=row["status_message"],
        status_code=StatusMessageCode(row["status_code"]),
        created_ms=row["created_ms"],
        updated_ms=row["updated_ms"],
        stats=DatasetStats(
            row["total_entries"],
            row["labeled_entries"],
            row["total_labels"],
            row["error_entries"],
        ),
    )
