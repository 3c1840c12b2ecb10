"""Writes into the records how units are that this process keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from sqlalchemy import Connection

from lensmith.store.records import placed_units
from lensmith.store.records.engine import Records
from lensmith.store.records.placed_units import PlacedUnit, UnitState

WANTED = (UnitState.WANTED, UnitState.READY)
"""States in the records of a unit that is to run."""


class KeptUnit(Protocol):
    """A unit that is kept alive."""

    @property
    def state(self) -> UnitState | None: ...  # None: not known yet
    @property
    def port(self) -> int | None: ...
    @property
    def reason(self) -> str | None: ...


def _differing(
    placed: Iterable[PlacedUnit], units: Mapping[int, KeptUnit]
) -> list[tuple[int, KeptUnit]]:
    """Return the units, by the id of the placed one, that the records show differently."""
    return [
        (one.id, unit)
        for one in placed
        if one.state in WANTED and (unit := units.get(one.id)) is not None
        if unit.state is not None and (one.state, one.port) != (unit.state, unit.port)
    ]


def report_changes(
    records: Records,
    placed: Sequence[PlacedUnit],
    units: Mapping[int, KeptUnit],
    has_left: Callable[[PlacedUnit], bool],
) -> bool:
    """Write what differs: states, ports after a new start, units that left; returns whether any."""
    ended = [one.id for one in placed if one.state is UnitState.LEAVING and has_left(one)]
    changed = _differing(placed, units)
    if not ended and not changed:
        return False
    with records.write() as connection:
        placed_units.remove(connection, ended)
        _report(connection, changed)
    return True


def _report(connection: Connection, units: Iterable[tuple[int, KeptUnit]]) -> None:
    for placed_id, unit in units:
        if unit.state is not None:
            placed_units.report(
                connection, placed_id, unit.state, port=unit.port, reason=unit.reason
            )
