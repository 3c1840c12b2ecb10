"""When a leader last decided, by the database's clock: which nodes it had seen gone by then."""

from __future__ import annotations

from sqlalchemy import Connection, select

from lensmith.store.records.cluster_tables import leader_signs
from lensmith.store.records.database_clock import database_ms
from lensmith.store.records.insert_statement import insert_statement

_ONLY = 1


def report(connection: Connection) -> None:
    """Record that a leader decides (needs a write transaction)."""
    values = {"seen_ms": database_ms()}
    statement = insert_statement(connection, leader_signs).values(id=_ONLY, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


def silent_ms(connection: Connection) -> int | None:
    """Return for how long no leader has decided; None if none ever did."""
    query = select(database_ms() - leader_signs.c.seen_ms)
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else int(found)
