"""Grants of keys."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from lensmith.domain.clock import now_ms
from lensmith.domain.key import Grant
from lensmith.store.records.key_tables import key_grants, keys


def create(connection: Connection, **given: Any) -> Grant:
    """Add a grant; `given` are the members of Grant but its id, token and time."""
    values = {
        **given,
        "grant_id": secrets.token_hex(32),
        "token": secrets.token_hex(48),
        "created_ms": now_ms(),
    }
    stored = {**values, "operations": list(values["operations"])}
    connection.execute(insert(key_grants).values(**stored))
    return Grant(**values)


def find(connection: Connection, grant_id: str) -> Grant | None:
    row = connection.execute(select(key_grants).where(key_grants.c.grant_id == grant_id)).first()
    return None if row is None else _grant(row)


def find_by_token(connection: Connection, token: str) -> Grant | None:
    row = connection.execute(select(key_grants).where(key_grants.c.token == token)).first()
    return None if row is None else _grant(row)


def of_key(connection: Connection, key_id: str) -> list[Grant]:
    """Return the grants of a key, oldest first."""
    query = select(key_grants).where(key_grants.c.key_id == key_id)
    ordered = query.order_by(key_grants.c.created_ms, key_grants.c.grant_id)
    return [_grant(row) for row in connection.execute(ordered)]


def retirable_by(connection: Connection, principal: str, region: str) -> list[Grant]:
    query = (
        select(key_grants)
        .join(keys, keys.c.key_id == key_grants.c.key_id)
        .where(key_grants.c.retiring == principal, keys.c.region == region)
        .order_by(key_grants.c.created_ms, key_grants.c.grant_id)
    )
    return [_grant(row) for row in connection.execute(query)]


def remove(connection: Connection, grant_id: str) -> None:
    connection.execute(delete(key_grants).where(key_grants.c.grant_id == grant_id))


def _grant(row: Any) -> Grant:
    return Grant(**{**row._mapping, "operations": tuple(row.operations)})
