"""Reads one page of a dataset's entries, in time that does not grow with the dataset.

Filters with an index are exact. A substring, or errors among the entries of a label, is searched
in the next `CANDIDATES` rows only: such a page may be short or empty and still have a next one
(api.md 1.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select, union_all

from lensmith.store.records import labels, stored_entries
from lensmith.store.records.stored_entries import StoredEntry
from lensmith.store.records.tables import entries, entry_labels

CANDIDATES = 1000
"""Rows examined for one page where an index does not decide: well under 1 ms of SQLite."""


@dataclass(frozen=True, slots=True)
class EntryPage:
    entries: list[StoredEntry]
    next_position: int | None  # what to pass as `after`; None on the last page


@dataclass(frozen=True, slots=True)
class _Filters:
    label_ids: list[int] | None  # None: any label and none
    labeled: bool | None
    source_ref_contains: str | None
    has_errors: bool


@dataclass(frozen=True, slots=True)
class _Window:
    """The positions that one page searches: above `after`, up to `end`."""

    after: int
    end: int | None  # None: to the end of the dataset

    def holds(self, position: ColumnElement[int]) -> list[ColumnElement[bool]]:
        above = [position > self.after]
        return above if self.end is None else [*above, position <= self.end]


def page(
    connection: Connection,
    dataset_id: int,
    *,
    after: int | None,
    limit: int,
    contains_labels: Sequence[str] = (),
    labeled: bool | None = None,
    source_ref_contains: str | None = None,
    has_errors: bool = False,
) -> EntryPage:
    """Return entries that satisfy every filter, in manifest order, after a position."""
    label_ids = labels.ids(connection, dataset_id, contains_labels) if contains_labels else None
    # An entry that uses a label is labelled: the two filters never need to be joined.
    if label_ids == [] or (label_ids and labeled is False):
        return EntryPage([], None)
    filters = _Filters(label_ids, labeled, source_ref_contains, has_errors)
    start = -1 if after is None else after
    if source_ref_contains is not None:
        window, found = _by_text(connection, dataset_id, filters, start, limit)
    elif label_ids:
        window, found = _by_label(connection, dataset_id, filters, start, limit)
    else:
        window, found = _by_column(connection, dataset_id, filters, start, limit)
    next_position = found[limit - 1] if len(found) > limit else window.end
    return EntryPage(stored_entries.at(connection, dataset_id, found[:limit]), next_position)


_Found = tuple[_Window, list[int]]  # positions in order, one more than the page holds


def _by_column(
    connection: Connection, dataset_id: int, filters: _Filters, start: int, limit: int
) -> _Found:
    window = _Window(start, None)
    where = [*_column_filters(dataset_id, filters), *window.holds(entries.c.position)]
    return window, _positions(connection, where, limit)


def _by_text(
    connection: Connection, dataset_id: int, filters: _Filters, start: int, limit: int
) -> _Found:
    mine = [entries.c.dataset_id == dataset_id, entries.c.position > start]
    last = select(entries.c.position).where(*mine).order_by(entries.c.position)
    end = connection.execute(last.limit(1).offset(CANDIDATES - 1)).scalar()
    window = _Window(start, end)
    # LIKE ignores case on SQLite, and the functions that do not have other names elsewhere.
    without = func.replace(entries.c.source_ref, filters.source_ref_contains, "")
    where = [
        *_column_filters(dataset_id, filters),
        *window.holds(entries.c.position),
        without != entries.c.source_ref,
    ]
    if filters.label_ids:
        labeled = _labeled(dataset_id, filters.label_ids)
        labeled += window.holds(entry_labels.c.position)
        where.append(entries.c.position.in_(select(entry_labels.c.position).where(*labeled)))
    return window, _positions(connection, where, limit)


def _by_label(
    connection: Connection, dataset_id: int, filters: _Filters, start: int, limit: int
) -> _Found:
    label_ids = filters.label_ids or []
    reach = CANDIDATES // len(label_ids) if filters.has_errors else limit + 1
    window = _Window(start, _label_end(connection, dataset_id, label_ids, start, reach))
    where = [*_labeled(dataset_id, label_ids), *window.holds(entry_labels.c.position)]
    if filters.has_errors:
        where.append(entry_labels.c.has_errors.is_(True))
    query = select(entry_labels.c.position).where(*where).distinct()
    found = connection.execute(query.order_by(entry_labels.c.position).limit(limit + 1))
    return window, list(found.scalars())


def _label_end(
    connection: Connection, dataset_id: int, label_ids: Sequence[int], start: int, reach: int
) -> int | None:
    """Return the first position where one of the labels has occurred `reach` times."""
    position = entry_labels.c.position
    ends = [
        select(position)
        .where(*_labeled(dataset_id, [label_id]), position > start)
        .order_by(position)
        .limit(1)
        .offset(reach - 1)
        .subquery()
        for label_id in label_ids
    ]
    seen = union_all(*(select(end.c.position) for end in ends)).subquery()
    return connection.execute(select(func.min(seen.c.position))).scalar()


def _labeled(dataset_id: int, label_ids: Sequence[int]) -> list[ColumnElement[bool]]:
    return [entry_labels.c.dataset_id == dataset_id, entry_labels.c.label_id.in_(label_ids)]


def _column_filters(dataset_id: int, filters: _Filters) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [entries.c.dataset_id == dataset_id]
    if filters.labeled is not None:
        where.append(entries.c.is_labeled.is_(filters.labeled))
    if filters.has_errors:
        where.append(entries.c.has_errors.is_(True))
    return where


def _positions(
    connection: Connection, where: Sequence[ColumnElement[bool]], limit: int
) -> list[int]:
    query = select(entries.c.position).where(*where).order_by(entries.c.position)
    return list(connection.execute(query.limit(limit + 1)).scalars())
