"""Entries by number, and how many there are: what a gallery shows.

A name is looked for in all entries that the other filters leave, so a page takes longer the larger
the dataset is, unlike those of `entry_page`: some 0.2 s for 250,000.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from lensmith.store.records import labels
from lensmith.store.records.tables import entries, entry_labels, entry_lines

_LISTED = 500  # values in one IN list
_STREAMED = 2000  # rows held at once


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """All of these must hold; of the labels any one."""

    labels: Sequence[str] = ()
    labeled: bool | None = None
    has_errors: bool = False
    name: str = ""  # part of the file name, in any case
    source_ref: str | None = None


@dataclass(frozen=True, slots=True)
class StoredImage:
    position: int
    source_ref: str
    line: str
    has_errors: bool


def page(
    connection: Connection, dataset_id: int, filters: ImageFilter, *, offset: int, limit: int
) -> tuple[int, list[StoredImage]]:
    """Count entries that satisfy the filters; return those from `offset` on in manifest order."""
    where = _conditions(connection, dataset_id, filters)
    if filters.name:
        positions = _named(connection, where, filters.name)
        return len(positions), at(connection, dataset_id, positions[offset : offset + limit])
    total = connection.execute(select(func.count()).select_from(entries).where(*where)).scalar_one()
    query = select(entries.c.position).where(*where).order_by(entries.c.position)
    found = connection.execute(query.offset(offset).limit(limit)).scalars().all()
    return total, at(connection, dataset_id, found)


def at(connection: Connection, dataset_id: int, positions: Sequence[int]) -> list[StoredImage]:
    """Return the entries at these positions, in manifest order."""
    same = (entry_lines.c.dataset_id == entries.c.dataset_id) & (
        entry_lines.c.position == entries.c.position
    )
    query = (
        select(entries.c.position, entries.c.source_ref, entry_lines.c.line, entries.c.has_errors)
        .join(entry_lines, same)
        .where(entries.c.dataset_id == dataset_id)
        .order_by(entries.c.position)
    )
    ordered = sorted(positions)
    return [
        StoredImage(*row)
        for start in range(0, len(ordered), _LISTED)
        for row in connection.execute(
            query.where(entries.c.position.in_(ordered[start : start + _LISTED]))
        )
    ]


def with_label(connection: Connection, dataset_id: int, label: str) -> list[int]:
    """Select entries that mention a label, on the image, a box or in a class-map."""
    (label_id,) = labels.ids(connection, dataset_id, [label]) or (None,)
    if label_id is None:
        return []
    query = select(entry_lines.c.position, entry_lines.c.mentions).where(
        entry_lines.c.dataset_id == dataset_id
    )
    rows = connection.execute(
        query.order_by(entry_lines.c.position), execution_options={"yield_per": _STREAMED}
    )
    return [row.position for row in rows if any(each[0] == label_id for each in row.mentions)]


def _conditions(
    connection: Connection, dataset_id: int, filters: ImageFilter
) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [entries.c.dataset_id == dataset_id]
    if filters.labeled is not None:
        where.append(entries.c.is_labeled.is_(filters.labeled))
    if filters.has_errors:
        where.append(entries.c.has_errors.is_(True))
    if filters.source_ref is not None:
        where.append(entries.c.source_ref == filters.source_ref)
    if filters.labels:
        label_ids = labels.ids(connection, dataset_id, filters.labels)
        labeled = select(entry_labels.c.position).where(
            entry_labels.c.dataset_id == dataset_id, entry_labels.c.label_id.in_(label_ids)
        )
        where.append(entries.c.position.in_(labeled))
    return where


def _named(connection: Connection, where: Sequence[ColumnElement[bool]], name: str) -> list[int]:
    query = select(entries.c.position, entries.c.source_ref).where(*where)
    rows = connection.execute(
        query.order_by(entries.c.position), execution_options={"yield_per": _STREAMED}
    )
    part = name.casefold()
    return [row.position for row in rows if part in row.source_ref.rpartition("/")[2].casefold()]
