"""Entries by number, and how many there are: what a gallery shows.

`page` counts: a name is looked for in all entries that the other filters leave, and pages behind
a filter, and their number, are counted. So some take longer the larger the dataset is, a name some
0.2 s for 250,000. `page_after` looks at `EXAMINED` entries at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, func, select

from lensmith.store.records import entries as entries_records
from lensmith.store.records import labels, stored_entries
from lensmith.store.records.stored_entries import StoredEntry
from lensmith.store.records.tables import datasets, entries, entry_labels, entry_lines
from lensmith.store.records.tables import labels as label_rows

EXAMINED = 10_000
"""Entries among which one page is looked for: some 10 ms."""

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
class PageAfter:
    """Entries after a position, and how many satisfy the filters as far as was looked."""

    found: int  # among those looked at, also before and behind the page
    entries: list[StoredEntry]
    next_position: int | None  # what to pass as `after`; None on the last page
    is_complete: bool  # whether none is left to look at: `found` counts all from the position on


def page_after(
    connection: Connection,
    dataset_id: int,
    filters: ImageFilter,
    *,
    after: int,
    offset: int,
    limit: int,
    examined: int = EXAMINED,
) -> PageAfter:
    """Look among the next `examined` entries; pass over `offset` that satisfy the filters.

    The page may be short or empty and still have a next one. -1 is before the first entry.
    """
    rows = select(entries.c.position).where(
        entries.c.dataset_id == dataset_id, entries.c.position > after
    )
    beyond = rows.order_by(entries.c.position).limit(1).offset(examined)
    end = connection.execute(beyond).scalar()  # the first that is not looked at
    where = [*_conditions(connection, dataset_id, filters, after, end), entries.c.position > after]
    if end is not None:
        where.append(entries.c.position < end)
    found = _named(connection, where, filters.name)
    shown = found[offset : offset + limit]
    following = None if end is None else end - 1
    if len(found) > offset + limit:
        following = shown[-1]
    stored = stored_entries.at(connection, dataset_id, shown)
    return PageAfter(len(found), stored, following, end is None)


def page(
    connection: Connection, dataset_id: int, filters: ImageFilter, *, offset: int, limit: int
) -> tuple[int, list[StoredEntry]]:
    """Count entries that satisfy the filters; return those from `offset` on in manifest order."""
    where = _conditions(connection, dataset_id, filters)
    if filters.name:
        positions = _named(connection, where, filters.name)
        shown = positions[offset : offset + limit]
        return len(positions), stored_entries.at(connection, dataset_id, shown)
    if filters.labels and replace(filters, labels=()) == ImageFilter():
        return _of_labels(connection, dataset_id, filters.labels, offset, limit)
    total = _counted(connection, dataset_id, filters)
    if total is None:
        counting = select(func.count()).select_from(entries).where(*where)
        total = connection.execute(counting).scalar_one()
    query = select(entries.c.position).where(*where).order_by(entries.c.position)
    if filters == ImageFilter() and entries_records.next_position(connection, dataset_id) == total:
        query = query.where(entries.c.position >= offset)  # no position is left out
    else:
        query = query.offset(offset)
    found = connection.execute(query.limit(limit)).scalars().all()
    return total, stored_entries.at(connection, dataset_id, found)


def _counted(connection: Connection, dataset_id: int, filters: ImageFilter) -> int | None:
    """Return how many entries satisfy the filters, where that is kept; None where it is not."""
    if replace(filters, labeled=None, has_errors=False) != ImageFilter():
        return None
    if filters.has_errors and filters.labeled is not None:
        return None
    kept = select(datasets.c.total_entries, datasets.c.labeled_entries, datasets.c.error_entries)
    row = connection.execute(kept.where(datasets.c.id == dataset_id)).one()
    if filters.has_errors:
        return int(row.error_entries)
    if filters.labeled is None:
        return int(row.total_entries)
    return int(row.labeled_entries if filters.labeled else row.total_entries - row.labeled_entries)


def _of_labels(
    connection: Connection, dataset_id: int, names: Sequence[str], offset: int, limit: int
) -> tuple[int, list[StoredEntry]]:
    label_ids = labels.ids(connection, dataset_id, names)
    if not label_ids:
        return 0, []
    position = entry_labels.c.position
    used = (
        select(position)
        .where(entry_labels.c.dataset_id == dataset_id, entry_labels.c.label_id.in_(label_ids))
        .distinct()
    )
    counting = select(func.count()).select_from(used.subquery())
    if len(label_ids) == 1:
        counting = select(label_rows.c.entry_count).where(
            label_rows.c.dataset_id == dataset_id, label_rows.c.label_id == label_ids[0]
        )
    total = int(connection.execute(counting).scalar_one())
    found = connection.execute(used.order_by(position).offset(offset).limit(limit)).scalars().all()
    return total, stored_entries.at(connection, dataset_id, found)


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
    connection: Connection,
    dataset_id: int,
    filters: ImageFilter,
    after: int = -1,
    end: int | None = None,
) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [entries.c.dataset_id == dataset_id]
    if filters.labeled is not None:
        where.append(entries.c.is_labeled.is_(filters.labeled))
    if filters.has_errors:
        where.append(entries.c.has_errors.is_(True))
    if filters.source_ref is not None:
        where.append(entries.c.source_ref == filters.source_ref)
    if filters.labels:
        position = entry_labels.c.position
        label_ids = labels.ids(connection, dataset_id, filters.labels)
        labeled = select(position).where(
            entry_labels.c.dataset_id == dataset_id, entry_labels.c.label_id.in_(label_ids)
        )
        if after >= 0:
            labeled = labeled.where(position > after)
        if end is not None:
            labeled = labeled.where(position < end)
        where.append(entries.c.position.in_(labeled))
    return where


def _named(connection: Connection, where: Sequence[ColumnElement[bool]], name: str) -> list[int]:
    query = select(entries.c.position, entries.c.source_ref).where(*where)
    rows = connection.execute(
        query.order_by(entries.c.position), execution_options={"yield_per": _STREAMED}
    )
    part = name.casefold()
    return [row.position for row in rows if part in row.source_ref.rpartition("/")[2].casefold()]
