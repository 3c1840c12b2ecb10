"""Records on every engine this machine has: SQLite always, PostgreSQL where it is installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from lensmith.domain.dataset import Dataset, DatasetStatus, DatasetType
from lensmith.domain.project import Project
from lensmith.store.records import datasets, projects
from lensmith.store.records.engine import Records


@pytest.fixture(params=["sqlite", "postgresql"])
def records(
    request: pytest.FixtureRequest, tmp_path: Path, empty_records: Path
) -> Iterator[Records]:
    """Empty records with the newest schema."""
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(empty_records, tmp_path)}"
    else:
        url = request.getfixturevalue("postgresql_database")
    opened = Records.open(url, tmp_path / "root.key")
    yield opened
    opened.close()


@pytest.fixture
def write(records: Records) -> Iterator[Connection]:
    with records.write() as connection:
        yield connection


@pytest.fixture
def project(write: Connection) -> Project:
    return projects.create(write, "000000000000", "us-east-1", "orchard")


@pytest.fixture
def train(write: Connection, project: Project) -> Dataset:
    return _dataset(write, project, DatasetType.TRAIN)


@pytest.fixture
def test(write: Connection, project: Project) -> Dataset:
    return _dataset(write, project, DatasetType.TEST)


def _dataset(connection: Connection, project: Project, dataset_type: DatasetType) -> Dataset:
    return datasets.create(connection, project, dataset_type, DatasetStatus.CREATE_COMPLETE, "-")
