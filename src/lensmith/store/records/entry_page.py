"""One page of a dataset's entries, in time that does not grow with the dataset.

Filters on columns and labels are answered from indices. What no index answers, a substring or
two filters at once, is looked for in a bounded number of candidates: a page may then be short or
empty and still have a next one (api.md 1.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, func, select

from lensmith.store.records import labels
from lensmith.store.records.tables import entries, entry_labels, entry_lines

CANDIDATES = 4000
"""Entries examined for one page where an index alone does not decide: about 1 ms of SQLite."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    position: int
    source_ref: str
    line: str


@dataclass(frozen=True, slots=True)
class EntryPage:
    entries: list[StoredEntry]
    next_position: int | None  # what to pass as `after`; None on the last page


@dataclass(frozen=True, slots=True)
class _Window:
    """The positions that one page looks at: above `after`, up to `end`."""

    after: int
    end: int | None  # None: to the end of the dataset


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
    """Entries that satisfy every filter, in manifest order, continuing after a position."""
    start = -1 if after is None else after
    mine = [entries.c.dataset_id == dataset_id, *_column_filters(labeled, has_errors)]
    text = _text_filters(source_ref_contains)
    if contains_labels:
        label_ids = labels.ids(connection, dataset_id, contains_labels)
        decided = len(mine) == 1 and not text
        reach = limit + 1 if decided else CANDIDATES // max(1, len(label_ids))
        end = _label_end(connection, dataset_id, label_ids, start, reach)
        window = _Window(start, end)
        chosen: list[ColumnElement[bool]] = [
            entries.c.position.in_(_labeled(dataset_id, label_ids, window))
        ]
    else:
        window = _Window(start, _end(connection, mine, start) if text else None)
        chosen = _within(entries.c.position, window)
    return _read(connection, dataset_id, [*mine, *text, *chosen], limit, window.end)


def _column_filters(labeled: bool | None, has_errors: bool) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if labeled is not None:
        filters.append(entries.c.is_labeled.is_(labeled))
    if has_errors:
        filters.append(entries.c.has_errors.is_(True))
    return filters


def _text_filters(source_ref_contains: str | None) -> list[ColumnElement[bool]]:
    if source_ref_contains is None:
        return []
    # LIKE ignores case on SQLite, and the functions that do not have other names elsewhere.
    return [func.replace(entries.c.source_ref, source_ref_contains, "") != entries.c.source_ref]


def _end(connection: Connection, mine: list[ColumnElement[bool]], start: int) -> int | None:
    query = select(entries.c.position).where(*mine, entries.c.position > start)
    query = query.order_by(entries.c.position).limit(1).offset(CANDIDATES - 1)
    return connection.execute(query).scalar()


def _label_end(
    connection: Connection, dataset_id: int, label_ids: Sequence[int], start: int, reach: int
) -> int | None:
    """The first position where one of the labels has been seen `reach` times."""
    ends = []
    for label_id in label_ids:
        query = select(entry_labels.c.position).where(
            entry_labels.c.dataset_id == dataset_id,
            entry_labels.c.label_id == label_id,
            entry_labels.c.position > start,
        )
        query = query.order_by(entry_labels.c.position).limit(1).offset(reach - 1)
        ends.append(connection.execute(query).scalar())
    return min((end for end in ends if end is not None), default=None)


def _labeled(dataset_id: int, label_ids: Sequence[int], window: _Window) -> Select[tuple[int]]:
    return select(entry_labels.c.position).where(
        entry_labels.c.dataset_id == dataset_id,
        entry_labels.c.label_id.in_(label_ids),
        *_within(entry_labels.c.position, window),
    )


def _within(position: ColumnElement[int], window: _Window) -> list[ColumnElement[bool]]:
    above = [position > window.after]
    return above if window.end is None else [*above, position <= window.end]


def _read(
    connection: Connection,
    dataset_id: int,
    conditions: list[ColumnElement[bool]],
    limit: int,
    end: int | None,
) -> EntryPage:
    query = select(entries.c.position, entries.c.source_ref).where(*conditions)
    rows = connection.execute(query.order_by(entries.c.position).limit(limit + 1)).all()
    next_position = rows[limit - 1].position if len(rows) > limit else end
    shown = {row.position: row.source_ref for row in rows[:limit]}
    wide = select(entry_lines.c.position, entry_lines.c.line).where(
        entry_lines.c.dataset_id == dataset_id, entry_lines.c.position.in_(list(shown))
    )
    found = connection.execute(wide.order_by(entry_lines.c.position))
    stored = [StoredEntry(row.position, shown[row.position], row.line) for row in found]
    return EntryPage(stored, next_position)
