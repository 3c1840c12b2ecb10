"""Groups of users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from lensmith.domain.clock import now_ms
from lensmith.store.records.identity_tables import (
    group_members,
    groups,
    policy_attachments,
    principals,
)
from lensmith.store.records.principals import arn_of, unique_id


@dataclass(frozen=True, slots=True)
class Group:
    """A group as it is kept; `policies` are its inline ones by name."""

    arn: str
    account_id: str
    name: str
    path: str
    unique_id: str
    policies: Mapping[str, Any]
    created_ms: int


def create(connection: Connection, account_id: str, name: str, path: str = "/") -> Group:
    """Add a group; raises sqlalchemy.exc.IntegrityError when the ARN is taken."""
    arn = arn_of(account_id, "group", name, path)
    group = Group(arn, account_id, name, path, unique_id("AGPA"), {}, now_ms())
    connection.execute(
        insert(groups).values(
            arn=arn,
            account_id=account_id,
            name=name,
            path=path,
            unique_id=group.unique_id,
            policies={},
            created_ms=group.created_ms,
        )
    )
    return group


def find(connection: Connection, account_id: str, name: str) -> Group | None:
    """Find by name, whose case does not matter."""
    found = (group for group in list_all(connection, account_id))
    return next((group for group in found if group.name.lower() == name.lower()), None)


def list_all(connection: Connection, account_id: str, path_prefix: str = "/") -> list[Group]:
    """Return the groups of an account, by name."""
    query = select(groups).where(groups.c.account_id == account_id).order_by(groups.c.name)
    found = (Group(**row._mapping) for row in connection.execute(query))
    return [group for group in found if group.path.startswith(path_prefix)]


def of_user(connection: Connection, user_arn: str) -> list[Group]:
    """Return the groups that a user is in, by name."""
    return [Group(**row._mapping) for row in connection.execute(_OF_USER, {"given": user_arn})]


def member_arns(connection: Connection, group_arn: str) -> list[str]:
    query = (
        select(group_members.c.user_arn)
        .join(principals, principals.c.arn == group_members.c.user_arn)
        .where(group_members.c.group_arn == group_arn)
        .order_by(principals.c.name)
    )
    return list(connection.scalars(query))


def add_member(connection: Connection, group_arn: str, user_arn: str) -> None:
    """Put a user into a group, also if it is in already."""
    remove_member(connection, group_arn, user_arn)
    connection.execute(insert(group_members).values(group_arn=group_arn, user_arn=user_arn))


def remove_member(connection: Connection, group_arn: str, user_arn: str) -> bool:
    """Take a user out; returns whether it was in."""
    member = (group_members.c.group_arn == group_arn, group_members.c.user_arn == user_arn)
    return connection.execute(delete(group_members).where(*member)).rowcount > 0


def set_policies(connection: Connection, arn: str, policies: Mapping[str, Any]) -> None:
    connection.execute(update(groups).where(groups.c.arn == arn).values(policies=dict(policies)))


def rename(connection: Connection, group: Group, name: str, path: str) -> None:
    """Give a group another name or path, and with it another ARN."""
    arn = arn_of(group.account_id, "group", name, path)
    if arn == group.arn:
        return
    renamed = {"arn": arn, "name": name, "path": path}
    row = connection.execute(select(groups).where(groups.c.arn == group.arn)).one()
    connection.execute(insert(groups).values(**{**row._mapping, **renamed}))
    for table, column in ((group_members, "group_arn"), (policy_attachments, "target_arn")):
        moved = update(table).where(table.c[column] == group.arn)
        connection.execute(moved.values(**{column: arn}))
    connection.execute(delete(groups).where(groups.c.arn == group.arn))


def remove(connection: Connection, arn: str) -> None:
    connection.execute(delete(policy_attachments).where(policy_attachments.c.target_arn == arn))
    connection.execute(delete(groups).where(groups.c.arn == arn))


_OF_USER = (  # built once, because every key of a user needs it
    select(groups)
    .join(group_members, group_members.c.group_arn == groups.c.arn)
    .where(group_members.c.user_arn == bindparam("given"))
    .order_by(groups.c.name)
)
