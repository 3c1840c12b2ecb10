"""Users of an account: listed, disabled, deleted; their keys and policies replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from lensmith.domain.clock import now_ms
from lensmith.store.records import principals as all_principals
from lensmith.store.records.accounts import AccessKey, create_access_key, inline
from lensmith.store.records.identity_tables import access_keys, principals


@dataclass(frozen=True, slots=True)
class User:
    """A user, with the ids of its keys, oldest first."""

    arn: str
    policies: tuple[dict[str, Any], ...]
    key_ids: tuple[str, ...]
    disabled_ms: int | None = None

    @property
    def name(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def is_disabled(self) -> bool:
        return self.disabled_ms is not None


def list_users(connection: Connection) -> list[User]:
    """Return every user, oldest first."""
    rows = connection.execute(
        select(principals).where(principals.c.kind == "user").order_by(principals.c.created_ms)
    ).all()
    keys = connection.execute(
        select(access_keys.c.principal_arn, access_keys.c.access_key_id).order_by(
            access_keys.c.created_ms
        )
    ).all()
    return [
        User(
            row.arn,
            tuple(row.policies.values()),
            tuple(key.access_key_id for key in keys if key.principal_arn == row.arn),
            row.disabled_ms,
        )
        for row in rows
    ]


def find_user(connection: Connection, arn: str) -> User | None:
    return next((user for user in list_users(connection) if user.arn == arn), None)


def set_disabled(connection: Connection, arn: str, disabled: bool) -> None:
    """Refuse every key and session of a user from the next call on, or accept them again."""
    disabled_ms = now_ms() if disabled else None
    connection.execute(
        update(principals).where(principals.c.arn == arn).values(disabled_ms=disabled_ms)
    )


def set_policies(connection: Connection, arn: str, policies: Sequence[dict[str, Any]]) -> None:
    """Replace the inline IAM policy documents of a user."""
    all_principals.change(connection, arn, policies=inline(policies))


def rotate_keys(connection: Connection, arn: str) -> AccessKey:
    """Give a user a new key and delete all others, with the sessions that began with them."""
    key = create_access_key(connection, arn)
    connection.execute(
        delete(access_keys).where(
            access_keys.c.principal_arn == arn, access_keys.c.access_key_id != key.access_key_id
        )
    )
    return key


def delete_user(connection: Connection, arn: str) -> None:
    """Delete a user with its keys and sessions."""
    all_principals.remove(connection, arn)
