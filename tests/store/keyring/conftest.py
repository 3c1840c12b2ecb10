"""Records with one key."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lensmith.config import Settings
from lensmith.domain.key import Key
from lensmith.operations.kms.key_policy import default_policy
from lensmith.store.records import accounts, keys
from lensmith.store.records.engine import Records

ACCOUNT = "000000000000"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data")


@pytest.fixture
def records(settings: Settings, empty_records: Path) -> Iterator[Records]:
    settings.data_directory.mkdir()
    shutil.copy(empty_records, settings.data_directory)
    opened = Records.of(settings)
    yield opened
    opened.close()


@pytest.fixture
def key(records: Records) -> Key:
    with records.write() as connection:
        accounts.create_account(connection, ACCOUNT)
        return keys.create(connection, ACCOUNT, "us-east-1", default_policy(ACCOUNT))
