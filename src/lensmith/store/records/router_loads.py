"""The requests of each version as every server that takes calls sees its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from lensmith.store.records.cluster_tables import router_loads
from lensmith.store.records.database_clock import database_ms
from lensmith.store.records.insert_statement import insert_statement

_KEPT_MS = 600_000  # after the last report of a server that is gone


@dataclass(frozen=True, slots=True)
class RouterLoad:
    """The requests of one version at one server."""

    version_id: int
    requests: int  # admitted and not answered
    demand: float  # their mean between the last two reports


def report(connection: Connection, server: str, loads: Collection[RouterLoad]) -> None:
    """Record the loads of a server (needs a write transaction)."""
    for load in loads:
        values = {"requests": load.requests, "demand": load.demand, "seen_ms": database_ms()}
        statement = insert_statement(connection, router_loads).values(
            server=server, version_id=load.version_id, **values
        )
        connection.execute(
            statement.on_conflict_do_update(index_elements=["server", "version_id"], set_=values)
        )


def since(connection: Connection, age_ms: int) -> list[RouterLoad]:
    """Return what servers reported within `age_ms`."""
    columns = (router_loads.c.version_id, router_loads.c.requests, router_loads.c.demand)
    recent = router_loads.c.seen_ms > database_ms() - age_ms
    return [
        RouterLoad(**row._mapping) for row in connection.execute(select(*columns).where(recent))
    ]


def remove_old(connection: Connection) -> None:
    """Forget what was reported ten minutes ago and earlier."""
    connection.execute(
        delete(router_loads).where(router_loads.c.seen_ms < database_ms() - _KEPT_MS)
    )
