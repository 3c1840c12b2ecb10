"""Calls with known keys go on while PostgreSQL is away for a moment, others do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from tests.support.postgresql import stoppable_postgresql

from lensmith.store.records import accounts
from lensmith.store.records.engine import Records
from lensmith.store.records.outage_cache import AWAY_SECONDS, OutageCache
from lensmith.store.records.schema import migrate

ACCOUNT = "000000000000"


class Clock:
    """Seconds that pass when the test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_nothing_is_recalled_while_reads_succeed(clock: Clock) -> None:
    cache = OutageCache(clock=clock)
    cache.remember("key", "value")
    assert cache.recall_early("key") is None


def test_what_was_read_counts_for_the_time_of_an_outage(clock: Clock) -> None:
    cache = OutageCache(clock=clock)
    cache.remember("key", "value")
    assert cache.recall("key") == "value"
    assert cache.recall("other") is None
    assert cache.recall_early("key") == "value"
    clock.now += 2
    assert cache.recall_early("key") is None  # it is tried again
    assert cache.recall_early("key") == "value"  # others do not wait for that
    clock.now += AWAY_SECONDS - 3
    assert cache.recall("key") == "value"
    clock.now += 2
    assert cache.recall("key") is None
    cache.remember("key", "newer")
    assert cache.recall("key") == "newer"


def test_what_was_read_long_before_does_not_count(clock: Clock) -> None:
    cache = OutageCache(clock=clock)
    cache.remember("key", "value")
    clock.now += 601
    assert cache.recall("key") is None


def test_a_key_that_was_withdrawn_is_forgotten(clock: Clock) -> None:
    cache = OutageCache(clock=clock)
    cache.remember("key", "value")
    cache.remember("key", None)
    assert cache.recall("key") is None


@pytest.mark.usefixtures("postgresql")  # skipped where there is none
def test_a_key_is_known_while_postgresql_is_away(tmp_path: Path) -> None:
    with stoppable_postgresql() as postgresql:
        records = Records.open(postgresql.url, tmp_path / "root.key")
        migrate(records)
        with records.write() as connection:
            known, unused = (_user(connection, name) for name in ("a", "b"))
        found = records.read_cached(accounts.find_access_key, known)
        assert found is not None
        postgresql.stop()
        for _ in range(2):
            assert records.read_cached(accounts.find_access_key, known) == found
        with pytest.raises(OperationalError):
            records.read_cached(accounts.find_access_key, unused)
        with pytest.raises(OperationalError), records.read():
            pass
        postgresql.start()
        assert records.read_cached(accounts.find_access_key, unused) is not None
        with records.write() as connection:
            accounts.delete_access_key(connection, known)
        assert records.read_cached(accounts.find_access_key, known) is None
        postgresql.stop()
        with pytest.raises(OperationalError):
            records.read_cached(accounts.find_access_key, known)
        records.close()


def _user(connection: Connection, name: str) -> str:
    accounts.create_account(connection, ACCOUNT)
    arn = accounts.create_user(connection, ACCOUNT, name, [])
    return accounts.create_access_key(connection, arn).access_key_id
