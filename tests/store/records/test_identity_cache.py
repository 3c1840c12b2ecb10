"""A key and its rights stay cached over commits that do not concern them, and over no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from lensmith.store.records import accounts, groups, managed_policies, principals, tags
from lensmith.store.records.accounts import AccessKey
from lensmith.store.records.engine import Records

ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/ada"
GROUP = f"arn:aws:iam::{ACCOUNT}:group/team"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/edge"
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
CHANGES: dict[str, Callable[[Connection, AccessKey], object]] = {
    "status": lambda c, key: accounts.set_active(c, key.access_key_id, active=True),
    "inline policy": lambda c, _: principals.change(c, USER, policies={"p": DOCUMENT}),
    "tags": lambda c, _: principals.change(c, USER, tags={"team": "a"}),
    "boundary": lambda c, _: principals.change(c, USER, boundary_arn=POLICY),
    "disabled": lambda c, _: principals.change(c, USER, disabled_ms=1),
    "attached": lambda c, _: managed_policies.attach(c, USER, POLICY),
    "detached": lambda c, _: managed_policies.detach(c, GROUP, POLICY),
    "policy version": lambda c, _: managed_policies.add_version(
        c, _found(managed_policies.find(c, POLICY)), DOCUMENT, is_default=True
    ),
    "policy gone": lambda c, _: managed_policies.remove(c, POLICY),
    "group policy": lambda c, _: groups.set_policies(c, GROUP, {"p": DOCUMENT}),
    "left a group": lambda c, _: groups.remove_member(c, GROUP, USER),
    "group gone": lambda c, _: groups.remove(c, GROUP),
    "renamed": lambda c, _: principals.rename(
        c, _found(principals.find_by_arn(c, USER)), "eve", "/"
    ),
    "user gone": lambda c, _: principals.remove(c, USER),
    "key gone": lambda c, key: accounts.delete_access_key(c, key.access_key_id),
}


@pytest.fixture
def key(records: Records) -> AccessKey:
    """The key of a user with a policy, in a group with another."""
    if records.engine.dialect.name != "sqlite":
        pytest.skip("other databases do not tell of commits")
    with records.write() as connection:
        accounts.create_account(connection, ACCOUNT)
        accounts.create_user(connection, ACCOUNT, "ada", [DOCUMENT])
        groups.create(connection, ACCOUNT, "team")
        groups.add_member(connection, GROUP, USER)
        managed_policies.create(
            connection, ACCOUNT, "edge", DOCUMENT, path="/", description="", tags={}
        )
        managed_policies.attach(connection, GROUP, POLICY)
        return accounts.create_access_key(connection, USER)


def read(records: Records, key: AccessKey) -> AccessKey | None:
    return records.read_cached(accounts.find_access_key, key.access_key_id)


def test_other_commits_leave_it_cached(records: Records, key: AccessKey) -> None:
    first = read(records, key)
    for number in range(3):
        with records.write() as connection:
            tags.put(connection, f"arn:{number}", {"a": "b"})
        assert read(records, key) is first
    with records.write() as connection:
        tags.put(connection, "arn:0", {"a": "c"})
    assert records.read_cached(tags.get, "arn:0") == {"a": "c"}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_of_identities_counts_at_once(
    records: Records, key: AccessKey, change: str
) -> None:
    before = read(records, key)
    with records.write() as connection:
        CHANGES[change](connection, key)
    with records.read() as connection:
        now = accounts.find_access_key(connection, key.access_key_id)
    again = read(records, key)
    assert again is not before
    assert again == now


def test_nothing_is_kept_where_a_trigger_is_missing(records: Records, key: AccessKey) -> None:
    with records.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER identity_change_principals_update")
    first = read(records, key)
    with records.write() as connection:
        tags.put(connection, "arn", {"a": "b"})
    assert read(records, key) is not first


def _found(value: Any) -> Any:
    assert value is not None
    return value
