"""Sessions of browsers, and the tokens that begin one; of both only hashes are kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select

from lensmith.domain.clock import now_ms
from lensmith.store.records import accounts
from lensmith.store.records.accounts import AccessKey
from lensmith.store.records.tables import sessions, sign_in_tokens

SESSION_SECONDS = 12 * 3600
SIGN_IN_SECONDS = 600

_BYTES = 32  # of a token, before it is written as text


@dataclass(frozen=True, slots=True)
class NewSession:
    """The two tokens of a session; they are known at its beginning only."""

    token: str = field(repr=False)  # for everything
    picture_token: str = field(repr=False)  # for reading pictures
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was begun, and the key it stands for."""

    key: AccessKey
    expires_ms: int


def begin(connection: Connection, key: AccessKey) -> NewSession:
    """Start a session that lasts 12 hours, or as long as a temporary key; old ones are dropped."""
    now = now_ms()
    ends = now + SESSION_SECONDS * 1000
    expires_ms = ends if key.expires_ms is None else min(ends, key.expires_ms)
    new = NewSession(_token(), _token(), expires_ms)
    connection.execute(delete(sessions).where(sessions.c.expires_ms <= now))
    connection.execute(
        insert(sessions).values(
            token_hash=_hash(new.token),
            picture_hash=_hash(new.picture_token),
            access_key_id=key.access_key_id,
            created_ms=now,
            expires_ms=expires_ms,
        )
    )
    return new


def find(connection: Connection, token: str) -> Session | None:
    """Find the session of a token; it may have ended."""
    query = select(sessions).where(sessions.c.token_hash == _hash(token))
    row = connection.execute(query).one_or_none()
    return None if row is None else _session(connection, row.access_key_id, row.expires_ms)


def find_by_picture_token(connection: Connection, token: str) -> Session | None:
    """Find the session whose pictures a cookie reads; it may have ended."""
    query = select(sessions).where(sessions.c.picture_hash == _hash(token))
    row = connection.execute(query).one_or_none()
    return None if row is None else _session(connection, row.access_key_id, row.expires_ms)


def end(connection: Connection, token: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(token)))


def offer(connection: Connection, access_key_id: str) -> str:
    """Create a token that begins one session of that key within ten minutes."""
    now, token = now_ms(), _token()
    connection.execute(delete(sign_in_tokens).where(sign_in_tokens.c.expires_ms <= now))
    connection.execute(
        insert(sign_in_tokens).values(
            token_hash=_hash(token),
            access_key_id=access_key_id,
            expires_ms=now + SIGN_IN_SECONDS * 1000,
        )
    )
    return token


def offered(connection: Connection, token: str) -> AccessKey | None:
    """Return the key of a token of `offer`, which stays good."""
    query = select(sign_in_tokens.c.access_key_id)
    key_id = connection.execute(query.where(sign_in_tokens.c.token_hash == _hash(token))).scalar()
    return None if key_id is None else accounts.find_access_key(connection, key_id)


def redeem(connection: Connection, token: str) -> AccessKey | None:
    """Return the key of a token of `offer`, once; None afterwards and when it is too old."""
    taken = connection.execute(
        delete(sign_in_tokens)
        .where(sign_in_tokens.c.token_hash == _hash(token))
        .returning(sign_in_tokens.c.access_key_id, sign_in_tokens.c.expires_ms)
    ).one_or_none()
    if taken is None or taken.expires_ms <= now_ms():
        return None
    return accounts.find_access_key(connection, taken.access_key_id)


def _session(connection: Connection, access_key_id: str, expires_ms: int) -> Session | None:
    key = accounts.find_access_key(connection, access_key_id)
    if key is None:
        return None
    return Session(key, min(expires_ms, key.expires_ms or expires_ms))


def _token() -> str:
    return secrets.token_urlsafe(_BYTES)


def _hash(token: str) -> bytes:
    """Hash a token with SHA-256; a slow hash is not needed for 256 random bits."""
    return sha256(token.encode()).digest()
