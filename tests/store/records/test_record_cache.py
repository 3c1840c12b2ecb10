"""`Records.read_cached`: as fresh as a read on every engine, without a read on SQLite."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import Connection

from lensmith.store.records import accounts, tags
from lensmith.store.records.engine import Records
from lensmith.store.records.record_cache import CacheMiss

ARN = "arn:aws:rekognition:us-east-1:111122223333:project/orchard/1690556751958"


class Asked:
    """A question that counts how often the records are looked into."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, connection: Connection, arn: str) -> dict[str, str]:
        self.times += 1
        return tags.get(connection, arn)


def tag(records: Records, **given: str) -> None:
    with records.write() as connection:
        tags.put(connection, ARN, given)


def test_what_is_recalled_is_what_a_read_would_say(records: Records) -> None:
    for value in ("red", "green", "blue"):
        tag(records, colour=value)
        for _ in range(3):
            assert records.read_cached(tags.get, ARN) == {"colour": value}
    with records.write() as connection:
        tags.remove_all(connection, ARN)
    assert records.read_cached(tags.get, ARN) == {}


def test_nothing_of_a_transaction_is_seen_before_it_is_committed(records: Records) -> None:
    tag(records, colour="red")
    assert records.read_cached(tags.get, ARN) == {"colour": "red"}
    with records.write() as connection:
        tags.put(connection, ARN, {"colour": "green"})
        connection.exec_driver_sql("SELECT 1")
        assert records.read_cached(tags.get, ARN) == {"colour": "red"}
    assert records.read_cached(tags.get, ARN) == {"colour": "green"}


def test_sqlite_is_asked_again_only_after_a_commit(records: Records) -> None:
    if records.engine.dialect.name != "sqlite":
        pytest.skip("other databases do not tell of commits")
    asked = Asked()
    for _ in range(5):
        records.read_cached(asked, ARN)
    assert asked.times == 1
    tag(records, colour="red")
    for _ in range(5):
        assert records.read_cached(asked, ARN) == {"colour": "red"}
    assert asked.times == 2


def test_a_commit_of_another_process_is_noticed(records: Records) -> None:
    tag(records, colour="red")
    assert records.read_cached(tags.get, ARN) == {"colour": "red"}
    url = records.engine.url.render_as_string(hide_password=False)
    program = (
        "import sys; from lensmith.store.records import tags\n"
        "from lensmith.store.records.engine import Records\n"
        "records = Records.open(sys.argv[1])\n"
        "with records.write() as connection: tags.put(connection, sys.argv[2], {'colour': 'green'})"
    )
    subprocess.run([sys.executable, "-c", program, url, ARN], check=True)
    assert records.read_cached(tags.get, ARN) == {"colour": "green"}


def test_what_is_not_there_is_looked_for_every_time(records: Records) -> None:
    with records.write() as connection:
        accounts.create_account(connection, "111122223333")
        user = accounts.create_user(connection, "111122223333", "ada", [])
    assert records.read_cached(accounts.find_access_key, "AKIAUNKNOWN") is None
    with records.write() as connection:
        key = accounts.create_access_key(connection, user)
    assert records.read_cached(accounts.find_access_key, key.access_key_id) == key


def test_what_is_at_hand_is_of_one_moment_and_read_by_nobody(records: Records) -> None:
    tag(records, colour="red")
    with pytest.raises(CacheMiss), records.cache_only()():
        records.read_cached(tags.get, ARN)
    assert records.read_cached(tags.get, ARN) == {"colour": "red"}
    cache_only = records.cache_only()
    tag(records, colour="green")
    for _ in range(2):
        assert answered(records, cache_only) in ({"colour": "red"}, None)  # None: not SQLite
    assert records.read_cached(tags.get, ARN) == {"colour": "green"}


def test_a_commit_takes_what_was_at_hand(records: Records) -> None:
    tag(records, colour="red")
    records.read_cached(tags.get, ARN)
    tag(records, colour="green")
    assert answered(records, records.cache_only()) is None


def answered(
    records: Records, cache_only: Callable[[], AbstractContextManager[None]]
) -> dict[str, str] | None:
    try:
        with cache_only():
            return records.read_cached(tags.get, ARN)
    except CacheMiss:
        return None
