"""Accounts, access keys and the server's own secrets; all secrets are kept sealed."""

from __future__ import annotations

import secrets as random
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from lensmith.domain.caller import Caller
from lensmith.domain.clock import now_ms
from lensmith.domain.policy.rights import Rights
from lensmith.store.records import principals
from lensmith.store.records.identity_tables import access_keys, accounts, secrets
from lensmith.store.records.insert_statement import insert_statement
from lensmith.store.records.principals import Principal, PrincipalKind
from lensmith.store.records.record_cache import outlasts_outage, reads_identities
from lensmith.store.records.rights import rights_of
from lensmith.store.root_key import RootKey

_KEY_ALPHABET = string.ascii_uppercase + "234567"
_SECRET_ALPHABET = string.ascii_letters + string.digits + "+/"
_ACTIVE, _INACTIVE = "Active", "Inactive"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A stored access key; `repr` never shows the secret."""

    access_key_id: str
    secret_access_key: str
    caller: Caller
    rights: Rights
    principal: Principal
    is_active: bool = True  # and its user not disabled
    session_token: str | None = None
    expires_ms: int | None = None
    created_ms: int = 0

    def __repr__(self) -> str:
        return f"AccessKey({self.access_key_id}, {self.caller.arn})"


def create_account(connection: Connection, account_id: str) -> None:
    if connection.execute(select(accounts).where(accounts.c.account_id == account_id)).first():
        return
    connection.execute(insert(accounts).values(account_id=account_id, created_ms=now_ms()))


def lock(connection: Connection, account_id: str) -> None:
    """Lock an account's row until this transaction ends, so that what is counted stays counted.

    A transaction that locks a project, too, does that first. On SQLite writers wait in any case.
    """
    query = select(accounts.c.account_id).where(accounts.c.account_id == account_id)
    connection.execute(query.with_for_update())


def account_ids(connection: Connection) -> list[str]:
    return list(connection.scalars(select(accounts.c.account_id).order_by(accounts.c.account_id)))


def create_user(
    connection: Connection, account_id: str, name: str, policies: list[dict[str, Any]]
) -> str:
    """Add a user with inline IAM policy documents; returns its ARN.

    Raises sqlalchemy.exc.IntegrityError when the name is taken.
    """
    named = inline(policies)
    user = principals.create(connection, account_id, PrincipalKind.USER, name, policies=named)
    return user.arn


def inline(policies: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Name inline policies by their number."""
    return {f"policy-{number}": policy for number, policy in enumerate(policies, start=1)}


def create_access_key(
    connection: Connection,
    principal_arn: str,
    session_token: str | None = None,
    expires_ms: int | None = None,
    session: Mapping[str, Any] | None = None,
    given: tuple[str, str] | None = None,
) -> AccessKey:
    """Generate a key for a principal; a temporary one when a session token is given.

    `session` may have `name`, `policies`, `tags` and `provider`. `given` are id and secret of a key
    that exists elsewhere. Raises sqlalchemy.exc.IntegrityError when the id is taken.
    """
    key_id, secret = given or _generated("ASIA" if session_token else "AKIA")
    root_key = _root_key(connection)
    token = None if session_token is None else _sealed(root_key, session_token, f"token {key_id}")
    connection.execute(
        insert(access_keys).values(
            access_key_id=key_id,
            secret_access_key=_sealed(root_key, secret, f"secret {key_id}"),
            principal_arn=principal_arn,
            status=_ACTIVE,
            session_token=token,
            session=None if session is None else dict(session),
            expires_ms=expires_ms,
            created_ms=now_ms(),
        )
    )
    return _access_key(connection, connection.execute(_KEY, {"given": key_id}).one())


@outlasts_outage
@reads_identities
def find_access_key(connection: Connection, access_key_id: str) -> AccessKey | None:
    """Find a key and its principal's rights, as of now.

    None for an inactive key, and for that of a user who is disabled.
    """
    row = connection.execute(_KEY, {"given": access_key_id}).one_or_none()
    key = None if row is None else _access_key(connection, row)
    return key if key is not None and key.is_active else None


def key_owner(connection: Connection, access_key_id: str) -> Principal | None:
    """Return whose key it is, whatever its status; None for an unknown key."""
    query = select(access_keys.c.principal_arn)
    arn = connection.execute(query.where(access_keys.c.access_key_id == access_key_id)).scalar()
    return None if arn is None else principals.find_by_arn(connection, arn)


def list_access_keys(connection: Connection, principal_arn: str | None = None) -> list[AccessKey]:
    """Return every key, or those of a principal, temporary ones too; oldest first."""
    query = _KEYS.order_by(access_keys.c.created_ms, access_keys.c.access_key_id)
    if principal_arn is not None:
        query = query.where(access_keys.c.principal_arn == principal_arn)
    return [_access_key(connection, row) for row in connection.execute(query)]


def permanent_key(connection: Connection, principal_arn: str) -> AccessKey | None:
    """Return the oldest key of a principal that is not temporary, active ones first.

    Disabled users have theirs.
    """
    keys = (key for key in list_access_keys(connection, principal_arn) if not key.session_token)
    return next(iter(sorted(keys, key=lambda key: not key.is_active)), None)


def set_active(connection: Connection, access_key_id: str, *, active: bool) -> bool:
    """Enable or disable a key; returns whether there is such a key."""
    chosen = update(access_keys).where(access_keys.c.access_key_id == access_key_id)
    status = _ACTIVE if active else _INACTIVE
    return connection.execute(chosen.values(status=status)).rowcount > 0


def delete_access_key(connection: Connection, access_key_id: str) -> bool:
    """Delete a key, and with it the sessions of browsers; returns whether there was one."""
    chosen = delete(access_keys).where(access_keys.c.access_key_id == access_key_id)
    return connection.execute(chosen).rowcount > 0


def delete_sessions(
    connection: Connection, principal_arn: str | None = None, ended_before_ms: int | None = None
) -> int:
    """Delete temporary keys: those of a principal, or those that ended; returns their number."""
    query = delete(access_keys).where(access_keys.c.session_token.is_not(None))
    if principal_arn is not None:
        query = query.where(access_keys.c.principal_arn == principal_arn)
    if ended_before_ms is not None:
        query = query.where(access_keys.c.expires_ms < ended_before_ms)
    return connection.execute(query).rowcount


def secret(connection: Connection, name: str, length: int = 32) -> bytes:
    """Return the servers' secret of that name, generated on first use.

    The first use needs a write transaction. Of several at once the first counts.
    """
    stored = select(secrets.c.value).where(secrets.c.name == name)
    sealed = connection.execute(stored).scalar()
    root_key = _root_key(connection)
    if sealed is None:
        value = root_key.seal(random.token_bytes(length), f"server {name}")
        statement = insert_statement(connection, secrets).values(name=name, value=value)
        connection.execute(statement.on_conflict_do_nothing())
        sealed = connection.execute(stored).scalar_one()
    return root_key.unseal(bytes(sealed), f"server {name}")


def _generated(prefix: str) -> tuple[str, str]:
    key_id = prefix + "".join(random.choice(_KEY_ALPHABET) for _ in range(16))
    return key_id, "".join(random.choice(_SECRET_ALPHABET) for _ in range(40))


_KEYS = select(access_keys)
# Built once: every call reads its key, and building the statement takes longer than running it.
_KEY = _KEYS.where(access_keys.c.access_key_id == bindparam("given"))


def _access_key(connection: Connection, row: Any) -> AccessKey:
    principal = principals.find_by_arn(connection, row.principal_arn)
    assert principal is not None  # a foreign key
    root_key, key_id, token = _root_key(connection), row.access_key_id, row.session_token
    issued_ms = None if token is None else row.created_ms
    rights = rights_of(connection, principal, row.session, issued_ms)
    return AccessKey(
        access_key_id=key_id,
        secret_access_key=_unsealed(root_key, row.secret_access_key, f"secret {key_id}"),
        caller=Caller(principal.account_id, rights.identity.arn, key_id),
        rights=rights,
        principal=principal,
        is_active=row.status == _ACTIVE and not principal.is_disabled,
        session_token=None if token is None else _unsealed(root_key, token, f"token {key_id}"),
        expires_ms=row.expires_ms,
        created_ms=row.created_ms,
    )


def _root_key(connection: Connection) -> RootKey:
    root_key = connection.get_execution_options()["root_key"]
    assert isinstance(root_key, RootKey)
    return root_key


def _sealed(root_key: RootKey, text: str, name: str) -> str:
    return root_key.seal(text.encode(), name).decode()


def _unsealed(root_key: RootKey, sealed: str, name: str) -> str:
    return root_key.unseal(sealed.encode(), name).decode()
