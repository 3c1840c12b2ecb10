"""A data directory for a SeaweedFS of a test's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.live_server import free_port

from lensmith.config import Settings
from lensmith.store.records.engine import Records


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(tmp_path / "data", s3_port=free_port())
    made.run_directory.mkdir(parents=True)
    return made


@pytest.fixture
def records(settings: Settings, empty_records: Path) -> Iterator[Records]:
    shutil.copy(empty_records, settings.data_directory)
    opened = Records.of(settings)
    yield opened
    opened.close()
