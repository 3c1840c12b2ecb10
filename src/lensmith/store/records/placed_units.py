"""Which unit of which version runs on which node: wanted by the leader, reported by the node."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from lensmith.store.records.cluster_tables import placed_units
from lensmith.store.records.database_clock import database_ms


class UnitState(StrEnum):
    WANTED = "WANTED"  # to be started, or starting
    READY = "READY"
    LEAVING = "LEAVING"  # ends when it has answered what it has
    FAILED = "FAILED"  # could not start on this node


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """One unit."""

    id: int
    version_id: int
    node: str
    state: UnitState
    port: int | None  # of a unit that is ready
    reason: str | None  # why it could not start
    age_ms: int  # since it changed, by the database's clock


def place(connection: Connection, version_id: int, node: str) -> None:
    """Have a node start a unit."""
    values = {"state": UnitState.WANTED.value, "changed_ms": database_ms()}
    connection.execute(insert(placed_units).values(version_id=version_id, node=node, **values))


def every(connection: Connection) -> list[PlacedUnit]:
    """Return the units of all nodes in the order in which they were placed."""
    return _found(connection)


def of_node(connection: Connection, node: str) -> list[PlacedUnit]:
    """Return the units of one node, likewise."""
    return _found(connection, placed_units.c.node == node)


def report(
    connection: Connection,
    unit_id: int,
    state: UnitState,
    *,
    port: int | None = None,
    reason: str | None = None,
) -> None:
    """Change the state of a unit that is wanted or ready; one that is to leave stays so."""
    connection.execute(
        update(placed_units)
        .where(placed_units.c.id == unit_id, placed_units.c.state != UnitState.LEAVING.value)
        .values(state=state.value, port=port, reason=reason, changed_ms=database_ms())
    )


def dismiss(connection: Connection, unit_ids: Collection[int]) -> None:
    """Have units end."""
    leaving = {"state": UnitState.LEAVING.value, "changed_ms": database_ms()}
    chosen = placed_units.c.id.in_(unit_ids)
    connection.execute(update(placed_units).where(chosen).values(**leaving))


def remove(connection: Connection, unit_ids: Collection[int]) -> None:
    """Forget units that have ended."""
    connection.execute(delete(placed_units).where(placed_units.c.id.in_(unit_ids)))


def remove_of_node(connection: Connection, node: str) -> None:
    """Forget the units of a node that ends."""
    connection.execute(delete(placed_units).where(placed_units.c.node == node))


def begin_again(connection: Connection, node: str) -> None:
    """Have the units of a node whose server is new start again; those that leave have left."""
    leaving = placed_units.c.state == UnitState.LEAVING.value
    connection.execute(delete(placed_units).where(placed_units.c.node == node, leaving))
    wanted = {"state": UnitState.WANTED.value, "port": None, "changed_ms": database_ms()}
    ready = placed_units.c.state == UnitState.READY.value
    connection.execute(
        update(placed_units).where(placed_units.c.node == node, ready).values(wanted)
    )


def _found(connection: Connection, *conditions: Any) -> list[PlacedUnit]:
    age_ms = (database_ms() - placed_units.c.changed_ms).label("age_ms")
    kept = [column for column in placed_units.c if column.name != "changed_ms"]
    query = select(*kept, age_ms).where(*conditions).order_by(placed_units.c.id)
    return [
        PlacedUnit(**{**row._mapping, "state": UnitState(row._mapping["state"])})
        for row in connection.execute(query)
    ]
