"""`lensmith iam` on the records alone: no server runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lensmith.cli import app
from lensmith.config import Settings
from lensmith.domain.errors import LensmithError
from lensmith.server.first_start import open_records
from lensmith.store.lock import DataDirectoryLock
from lensmith.store.records import accounts, principals
from lensmith.store.records.engine import Records
from lensmith.store.records.principals import PrincipalKind


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    settings = Settings(tmp_path)
    DataDirectoryLock.acquire(settings).release()
    opened = open_records(settings)
    yield opened
    opened.close()


def lensmith(records: Records, directory: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["iam", *words], env={"LENSMITH_HOME": str(directory)})
    if done.exception is not None:
        raise done.exception
    return done.stdout


def test_a_leaked_key_is_refused_and_deleted_offline(records: Records, tmp_path: Path) -> None:
    with records.read() as connection:
        (key,) = accounts.list_access_keys(connection)

    def is_known() -> bool:
        return records.read_cached(accounts.find_access_key, key.access_key_id) is not None

    shown = lensmith(records, tmp_path, "list-keys")
    assert (key.access_key_id in shown, key.secret_access_key in shown) == (True, False)
    lensmith(records, tmp_path, "disable-key", key.access_key_id)
    assert not is_known()
    assert "inactive" in lensmith(records, tmp_path, "list-keys")
    lensmith(records, tmp_path, "enable-key", key.access_key_id)
    assert is_known()
    lensmith(records, tmp_path, "delete-key", key.access_key_id, "--yes")
    assert not is_known()
    with pytest.raises(LensmithError, match="no key"):
        lensmith(records, tmp_path, "disable-key", key.access_key_id)


def test_accounts_are_made_with_an_administrator(records: Records, tmp_path: Path) -> None:
    said = lensmith(records, tmp_path, "create-account", "111122223333")
    key_id = re.findall(r"AKIA\w+", said)[0]
    with records.read() as connection:
        key = accounts.find_access_key(connection, key_id)
    assert key is not None
    assert key.caller.arn == "arn:aws:iam::111122223333:user/admin"
    assert lensmith(records, tmp_path, "list-accounts").split() == ["000000000000", "111122223333"]
    for wrong in ("111122223333", "1111"):
        with pytest.raises(LensmithError):
            lensmith(records, tmp_path, "create-account", wrong)


def test_sessions_are_revoked(records: Records, tmp_path: Path) -> None:
    with records.write() as connection:
        role = principals.create(connection, "000000000000", PrincipalKind.ROLE, "labeller")
        key = accounts.create_access_key(connection, role.arn, "token", 10**13, {"name": "s"})
    assert "Ended 1 session of" in lensmith(records, tmp_path, "revoke-sessions", role.arn)
    assert records.read_cached(accounts.find_access_key, key.access_key_id) is None
    with pytest.raises(LensmithError, match="no role or user"):
        lensmith(records, tmp_path, "revoke-sessions", role.arn + "x")
