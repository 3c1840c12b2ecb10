"""Machines that run units, and when each was last seen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from lensmith.store.records.cluster_tables import nodes
from lensmith.store.records.database_clock import database_ms
from lensmith.store.records.insert_statement import insert_statement

_LEFT = 0  # as the time at which a node was seen last
_KEPT_MS = 24 * 3_600_000  # of a node that is gone


@dataclass(frozen=True, slots=True)
class ClusterNode:
    """A machine that runs units."""

    name: str
    host: str  # where other servers reach its units
    memory_bytes: int  # for units
    is_draining: bool
    silent_ms: int  # since it was last seen, by the database's clock
    has_left: bool = False  # its server has ended in order


def report(connection: Connection, name: str, host: str, memory_bytes: int) -> None:
    """Record that a node lives (needs a write transaction)."""
    values = {"host": host, "memory_bytes": memory_bytes, "seen_ms": database_ms()}
    statement = insert_statement(connection, nodes).values(name=name, is_draining=False, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def every(connection: Connection) -> list[ClusterNode]:
    """Return the nodes by name, those that are gone included."""
    silent_ms = (database_ms() - nodes.c.seen_ms).label("silent_ms")
    has_left = (nodes.c.seen_ms == _LEFT).label("has_left")
    known = (nodes.c.name, nodes.c.host, nodes.c.memory_bytes, nodes.c.is_draining)
    columns = (*known, silent_ms, has_left)
    rows = connection.execute(select(*columns).order_by(nodes.c.name))
    return [ClusterNode(**row._mapping) for row in rows]


def drain(connection: Connection, name: str, *, is_draining: bool = True) -> bool:
    """Have a node take no unit any more, or take them again; returns whether there is one."""
    changed = connection.execute(
        update(nodes).where(nodes.c.name == name).values(is_draining=is_draining)
    )
    return changed.rowcount > 0


def leave(connection: Connection, name: str) -> None:
    """Record that a node's server ends in order; one that is drained stays so."""
    connection.execute(update(nodes).where(nodes.c.name == name).values(seen_ms=_LEFT))


def remove(connection: Connection, names: Collection[str]) -> None:
    """Forget nodes that never come back under these names."""
    connection.execute(delete(nodes).where(nodes.c.name.in_(names)))


def remove_old(connection: Connection) -> None:
    """Forget nodes that left, or were not seen for a day, but those that are drained."""
    is_old = nodes.c.seen_ms < database_ms() - _KEPT_MS
    connection.execute(delete(nodes).where(is_old, ~nodes.c.is_draining))
