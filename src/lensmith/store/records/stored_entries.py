"""Reads entries at known positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Integer, Select, column, select, values

from lensmith.store.records.tables import entries, entry_lines

_LISTED = 500  # positions in one query


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it is kept."""

    position: int
    source_ref: str
    line: str  # as ListDatasetEntries returns it
    has_errors: bool


def at(connection: Connection, dataset_id: int, positions: Sequence[int]) -> list[StoredEntry]:
    """Return the entries at these positions, in manifest order; absent ones are left out.

    Each is looked up by its key. PostgreSQL estimates an IN list, or a join, by how common the
    positions are in all datasets, and would read the whole table for the first page of a long one.
    """
    ordered = sorted(positions)
    return [
        StoredEntry(row.position, row.source_ref, row.line, row.has_errors)
        for start in range(0, len(ordered), _LISTED)
        for row in connection.execute(_lookup(dataset_id, ordered[start : start + _LISTED]))
        if row.line is not None
    ]


def _lookup(dataset_id: int, some: Sequence[int]) -> Select[Any]:
    wanted = values(column("position", Integer), name="wanted").data([(one,) for one in some])
    position = wanted.cte("wanted").c.position
    looked_up = (
        select(one)
        .where(one.table.c.dataset_id == dataset_id, one.table.c.position == position)
        .scalar_subquery()
        .label(one.name)
        for one in (entries.c.source_ref, entries.c.has_errors, entry_lines.c.line)
    )
    return select(position, *looked_up)
