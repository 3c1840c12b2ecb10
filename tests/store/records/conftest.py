"""Records on every engine this machine has: SQLite always, PostgreSQL where it is installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from sqlalchemy import Connection, create_engine

from lensmith.domain.dataset import Dataset, DatasetStatus, DatasetType
from lensmith.domain.project import Project
from lensmith.store.records import datasets, projects
from lensmith.store.records.engine import Records
from lensmith.store.records.schema import migrate

_PROGRAMS = ("initdb", "pg_ctl", "setpriv")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The SQLAlchemy URL of a PostgreSQL server on a Unix socket."""
    if importlib.util.find_spec("psycopg") is None or not all(map(shutil.which, _PROGRAMS)):
        pytest.skip("PostgreSQL or psycopg is not installed")
    # PostgreSQL refuses to run as root; nobody else may enter pytest's own directories.
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    prefix = as_nobody if os.getuid() == 0 else []
    with TemporaryDirectory(prefix="lensmith-postgresql-") as directory:
        if prefix:
            shutil.chown(directory, 65534, 65534)
        data, log = f"{directory}/data", f"{directory}/log"
        _run([*prefix, "initdb", "--pgdata", data, "--auth", "trust", "--username", "lensmith"])
        options = f"-k {directory} -c listen_addresses='' -c fsync=off"
        _run([*prefix, "pg_ctl", "start", "-w", "--pgdata", data, "--log", log, "-o", options])
        try:
            yield f"postgresql+psycopg://lensmith@/postgres?host={directory}"
        finally:
            _run([*prefix, "pg_ctl", "stop", "-m", "immediate", "--pgdata", data])


@pytest.fixture(params=["sqlite", "postgresql"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Records]:
    """Empty records with the newest schema."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'records.db'}"
    else:
        url = _fresh_database(request.getfixturevalue("postgresql"))
    opened = Records.open(url, tmp_path / "root.key")
    migrate(opened)
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


def _fresh_database(url: str) -> str:
    name = f"records_{uuid4().hex}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return url.replace("/postgres?", f"/{name}?")


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60)
