"""Records with one key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lensmith.config import Settings
from lensmith.domain.key import Key
from lensmith.operations.kms.key_policy import default_policy
from lensmith.store.records import accounts, keys
from lensmith.store.records.engine import Records
from lensmith.store.records.schema import migrate

ACCOUNT = "000000000000"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data")


@pytest.fixture
def records(settings: Settings) -> Iterator[Records]:
    settings.data_directory.mkdir()
    opened = Records.of(settings)
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def key(records: Records) -> Key:
    with records.write() as connection:
        accounts.create_account(connection, ACCOUNT)
        return keys.create(connection, ACCOUNT, "us-east-1", default_policy(ACCOUNT))
