"""A service on real records in a temporary folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.operations.bench import Bench, RecordingFleet

from lensmith.config import Settings
from lensmith.operations.call import Service
from lensmith.store.objects import ObjectStores
from lensmith.store.records.engine import Records
from lensmith.wire.pagination import PaginationTokens

# What reads and writes most tables; the others run on SQLite alone, to save their time.
ON_BOTH_ENGINES = frozenset(
    {
        "test_dataset_entries",
        "test_datasets",
        "test_describe_project_versions",
        "test_hosting",
        "test_project_policies",
        "test_project_versions",
        "test_projects",
        "test_tags",
    }
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of some files on PostgreSQL, too."""
    name = metafunc.module.__name__.rpartition(".")[2]
    if "bench" in metafunc.fixturenames and name in ON_BOTH_ENGINES:
        metafunc.parametrize("bench", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path, empty_records: Path) -> Iterator[Bench]:
    settings = Settings(data_directory=tmp_path)
    if getattr(request, "param", "sqlite") == "postgresql":
        url: str = request.getfixturevalue("postgresql_database")
        settings = replace(settings, records_url=url)
    else:
        shutil.copy(empty_records, tmp_path)
    records = Records.of(settings)
    fleet, wakes = RecordingFleet(), list[str]()
    service = Service(
        settings,
        records,
        ObjectStores(settings, records),
        fleet,
        PaginationTokens(b"a secret for the tests of tokens"),
        lambda: wakes.append("jobs"),
    )
    yield Bench(service, fleet, wakes)
    records.close()
