"""The address that signs a browser in once."""

from __future__ import annotations

from lensmith.config import Settings
from lensmith.domain.host import is_loopback
from lensmith.store.records import accounts, sessions
from lensmith.store.records.engine import Records

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104


def sign_in_address(settings: Settings, records: Records, user: str) -> str | None:
    """Return the console's address with a token, for ten minutes and this machine only.

    None for a user without keys, and where the server does not listen on loopback.
    """
    if not (is_loopback(settings.host) or settings.host in _EVERYWHERE):
        return None
    with records.write() as connection:
        arn = f"arn:aws:iam::{settings.account_id}:user/{user}"
        key = accounts.permanent_key(connection, arn)
        if key is None:
            return None
        return f"{settings.endpoint}/#token={sessions.offer(connection, key.access_key_id)}"
