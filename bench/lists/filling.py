"""Fills the records with projects, versions, entries and jobs, past the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, String, Table, and_, cast, insert, literal, select, update

from bench.manifest.entries_pages import drawn_entries
from lensmith.domain.dataset import DatasetStatus, DatasetType
from lensmith.domain.job import JobKind, JobStatus
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records import datasets, entries, project_versions, projects
from lensmith.store.records.engine import Records
from lensmith.store.records.labels import LabelIndex
from lensmith.store.records.tables import datasets as dataset_rows
from lensmith.store.records.tables import entries as entry_rows
from lensmith.store.records.tables import entry_labels, entry_lines, jobs, labels
from lensmith.store.records.tables import project_versions as version_rows
from lensmith.store.records.tables import projects as project_rows

ACCOUNT, REGION = "000000000000", "us-east-1"
_FIRST = 1_000
_COUNTS = ("mention_count", "entry_count", "box_count")
_LINE_BYTES = 600
_MANY_VERSIONS = 150  # of the first project
_JOBS_EACH = 5  # ended ones, of each dataset


@dataclass(frozen=True)
class Size:
    """The first project has the long dataset, each other a short one."""

    projects: int
    long: int  # entries
    short: int = 75

    @property
    def entries(self) -> int:
        return self.long + (self.projects - 1) * self.short


SMALL = Size(200, 1_000)
LARGE = Size(10_000, 250_000)


def fill(records: Records, size: Size) -> str:
    """Fill empty records; returns the ARN of the long dataset."""
    with records.write() as connection:
        first = projects.create(connection, ACCOUNT, REGION, "first")
        dataset = datasets.create(
            connection, first, DatasetType.TRAIN, DatasetStatus.CREATE_COMPLETE, "-"
        )
        for number in range(_MANY_VERSIONS):
            _add_version(connection, first, number)
    _fill_dataset(records, dataset.id, size.long)
    with records.write() as connection:
        _trust(connection)
        _add_projects(connection, first.id, size.projects - 1)
        _add_datasets(connection, dataset.id)
        _add_short_contents(connection, dataset.id, size.short)
        _add_jobs(connection)
    with records.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")  # as autovacuum does by itself, later
    return dataset.arn


def _trust(connection: Connection) -> None:
    """Let PostgreSQL believe the references of what is copied, which takes most of its time."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")


def _add_version(connection: Connection, project: Any, number: int) -> None:
    version = project_versions.create(
        connection,
        project,
        f"v{number}",
        output_bucket="results",
        output_prefix="",
        training_input={},
        testing_input={},
    )
    project_versions.set_status(connection, version.id, VersionStatus.TRAINING_COMPLETED)


def _fill_dataset(records: Records, dataset_id: int, size: int) -> None:
    """Add the first thousand as the product does, then copies of them by the database."""
    with records.write() as connection:
        _trust(connection)
        label_index = LabelIndex.open(connection, dataset_id)
        entries.add(connection, label_index, enumerate(drawn_entries(_FIRST, _LINE_BYTES)))
        label_index.save(connection)
        there = _FIRST
        while there < size:
            added = min(there, size - there)
            for table in (entry_rows, entry_lines, entry_labels):
                _repeat(connection, table, dataset_id, there, added)
            there += added
        counts = {name: labels.c[name] * (size // _FIRST) for name in _COUNTS}
        connection.execute(update(labels).values(**counts))
        entries.refresh_stats(connection, dataset_id)


def _repeat(connection: Connection, table: Table, dataset_id: int, there: int, added: int) -> None:
    """Add the first `added` rows again, `there` positions further on."""
    further = table.c.position + there
    changed = {"position": further}
    if table is entry_rows:
        changed["source_ref"] = table.c.source_ref + "-" + cast(further, String)
    columns = [changed.get(each.name, each) for each in table.c]
    query = select(*columns).where(table.c.dataset_id == dataset_id, table.c.position < added)
    connection.execute(insert(table).from_select([each.name for each in table.c], query))


def _add_projects(connection: Connection, first: int, count: int) -> None:
    """Add projects and a version of each, made at other times."""
    row = connection.execute(select(project_rows).where(project_rows.c.id == first)).one()
    known = {name: value for name, value in row._mapping.items() if name != "id"}
    rows = []
    for number in range(1, count + 1):
        stamp = known["created_ms"] + number
        arn = f"arn:aws:rekognition:{REGION}:{ACCOUNT}:project/orchard-{number}/{stamp}"
        rows.append(known | {"name": f"orchard-{number}", "created_ms": stamp, "arn": arn})
    connection.execute(insert(project_rows), rows)
    version = connection.execute(select(version_rows).limit(1)).one()
    known = {name: value for name, value in version._mapping.items() if name != "id"}
    added = connection.execute(select(project_rows).where(project_rows.c.id != first)).all()
    rows = [
        known | {"project_id": one.id, "arn": one.arn.replace("/orchard", "/version/orchard")}
        for one in added
    ]
    connection.execute(insert(version_rows), rows)


def _add_datasets(connection: Connection, first: int) -> None:
    row = connection.execute(select(dataset_rows).where(dataset_rows.c.id == first)).one()
    known = {name: value for name, value in row._mapping.items() if name != "id"}
    others = select(project_rows).where(project_rows.c.id != row.project_id)
    rows = [
        known | {"project_id": one.id, "arn": f"{one.arn.rpartition('/')[0]}/dataset/train/1"}
        for one in connection.execute(others)
    ]
    connection.execute(insert(dataset_rows), rows)


def _add_short_contents(connection: Connection, first: int, size: int) -> None:
    """Give each other dataset the first entries and the labels of the long one."""
    for table in (entry_rows, entry_lines, entry_labels):
        _copy(connection, table, first, and_(table.c.position < size))
    _copy(connection, labels, first, literal(True))


def _copy(connection: Connection, table: Table, first: int, where: Any) -> None:
    columns = [each for each in table.c if each.name != "dataset_id"]
    both = dataset_rows.join(table, table.c.dataset_id == first)
    query = select(dataset_rows.c.id, *columns).select_from(both)
    query = query.where(dataset_rows.c.id != first, where)
    names = ["dataset_id", *(each.name for each in columns)]
    connection.execute(insert(table).from_select(names, query))


def _add_jobs(connection: Connection) -> None:
    """Add what a year leaves behind: jobs that have ended."""
    values = {
        "kind": JobKind.UPDATE_DATASET.value,
        "caller_arn": f"arn:aws:iam::{ACCOUNT}:user/admin",
        "access_key_id": "-",
        "payload": {},
        "status": JobStatus.SUCCEEDED.value,
        "attempts": 1,
        "fence": 1,
        "created_ms": 1,
        "finished_ms": 2,
    }
    arns = connection.execute(select(dataset_rows.c.arn)).scalars().all()
    connection.execute(
        insert(jobs), [values | {"resource_arn": arn} for arn in arns for _ in range(_JOBS_EACH)]
    )
