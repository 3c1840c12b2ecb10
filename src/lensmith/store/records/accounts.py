"""Accounts, principals, access keys and server secrets."""

from __future__ import annotations

import secrets as random
import string
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from lensmith.domain.caller import Caller
from lensmith.domain.clock import now_ms
from lensmith.domain.policy.document import Policy
from lensmith.domain.policy.identity import Identity, PrincipalType
from lensmith.domain.policy.rights import Rights
from lensmith.store.records.tables import access_keys, accounts, principals, secrets

_KEY_ALPHABET = string.ascii_uppercase + "234567"
_SECRET_ALPHABET = string.ascii_letters + string.digits + "+/"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A stored access key; `repr` never shows the secret."""

    access_key_id: str
    secret_access_key: str
    caller: Caller
    policies: tuple[dict[str, Any], ...]
    rights: Rights
    session_token: str | None = None
    expires_ms: int | None = None

    def __repr__(self) -> str:
        return f"AccessKey({self.access_key_id}, {self.caller.arn})"


def create_account(connection: Connection, account_id: str) -> None:
    if connection.execute(select(accounts).where(accounts.c.account_id == account_id)).first():
        return
    connection.execute(insert(accounts).values(account_id=account_id, created_ms=now_ms()))


def create_user(
    connection: Connection, account_id: str, name: str, policies: list[dict[str, Any]]
) -> str:
    """Add a user with its IAM policy documents; returns its ARN.

    Raises sqlalchemy.exc.IntegrityError when the name is taken.
    """
    arn = f"arn:aws:iam::{account_id}:user/{name}"
    connection.execute(
        insert(principals).values(
            arn=arn, account_id=account_id, policies=policies, created_ms=now_ms()
        )
    )
    return arn


def create_access_key(
    connection: Connection,
    principal_arn: str,
    session_token: str | None = None,
    expires_ms: int | None = None,
) -> AccessKey:
    """Generate a key for a principal; a temporary one when a session token is given."""
    prefix = "ASIA" if session_token else "AKIA"
    key_id = prefix + "".join(random.choice(_KEY_ALPHABET) for _ in range(16))
    connection.execute(
        insert(access_keys).values(
            access_key_id=key_id,
            secret_access_key="".join(random.choice(_SECRET_ALPHABET) for _ in range(40)),
            principal_arn=principal_arn,
            session_token=session_token,
            expires_ms=expires_ms,
            created_ms=now_ms(),
        )
    )
    key = find_access_key(connection, key_id)
    assert key is not None
    return key


def find_access_key(connection: Connection, access_key_id: str) -> AccessKey | None:
    """Find a key; None also for that of a user who is disabled."""
    row = connection.execute(_KEY, {"given": access_key_id}).one_or_none()
    return _access_key(row._mapping) if row is not None else None


def list_access_keys(connection: Connection) -> list[AccessKey]:
    """Return every key of users who may call, oldest first."""
    rows = connection.execute(
        _KEYS.where(_MAY_CALL).order_by(access_keys.c.created_ms, access_keys.c.access_key_id)
    )
    return [_access_key(row._mapping) for row in rows]


def permanent_key(connection: Connection, principal_arn: str) -> AccessKey | None:
    """Return the oldest key of a principal that is not temporary; disabled users have theirs."""
    rows = connection.execute(
        _KEYS.where(
            access_keys.c.principal_arn == principal_arn, access_keys.c.session_token.is_(None)
        ).order_by(access_keys.c.created_ms)
    )
    row = rows.first()
    return _access_key(row._mapping) if row is not None else None


def secret(connection: Connection, name: str, length: int = 32) -> bytes:
    """Return the server's secret of that name, generated on first use.

    The first use needs a write transaction.
    """
    value = connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar()
    if value is not None:
        return bytes(value)
    fresh = random.token_bytes(length)
    connection.execute(insert(secrets).values(name=name, value=fresh))
    return fresh


_MAY_CALL = principals.c.disabled_ms.is_(None)
_KEYS = select(access_keys, principals.c.account_id, principals.c.policies).join(
    principals, access_keys.c.principal_arn == principals.c.arn
)
# Built once: every call reads its key, and building the statement takes longer than running it.
_KEY = _KEYS.where(access_keys.c.access_key_id == bindparam("given"), _MAY_CALL)


def _access_key(row: Any) -> AccessKey:
    return AccessKey(
        access_key_id=row["access_key_id"],
        secret_access_key=row["secret_access_key"],
        caller=Caller(row["account_id"], row["principal_arn"], row["access_key_id"]),
        policies=tuple(row["policies"]),
        rights=_rights(row),
        session_token=row["session_token"],
        expires_ms=row["expires_ms"],
    )


def _rights(row: Any) -> Rights:
    arn, account_id = row["principal_arn"], row["account_id"]
    is_root = arn.endswith(":root")
    identity = Identity(
        type=PrincipalType.ACCOUNT if is_root else PrincipalType.USER,
        account_id=account_id,
        arn=arn,
        user_id=account_id if is_root else "",
        issued_ms=row["created_ms"] if row["session_token"] else None,
    )
    return Rights(identity, tuple(map(Policy.stored, row["policies"])))
