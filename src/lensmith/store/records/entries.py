"""Entries of a dataset: bulk writes, replacement, moves, and reads in manifest order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from lensmith.domain.dataset import DatasetStats
from lensmith.store.records import datasets, labels
from lensmith.store.records.labels import LabelIndex, Mention
from lensmith.store.records.tables import entries, entry_labels, entry_lines

_STREAMED = 500  # rows held at once while a whole dataset is read: about 2 MB of lines
_LISTED = 1000  # values in one IN list

_T = TypeVar("_T")
_Mentions = list[list[int]]  # as stored: [[label_id, Mention], ...]


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry on its way into a dataset."""

    source_ref: str
    line: str  # as ListDatasetEntries returns it
    is_labeled: bool
    has_errors: bool
    mentions: Mapping[str, Mention]  # by label name, in order of the line


@dataclass(frozen=True, slots=True)
class EntryUse:
    """The image and the labels of an entry, for splits."""

    position: int
    source_ref: str
    label_ids: tuple[int, ...]  # labels in use, not those only declared
    faulty_line: str | None  # the line of an entry with errors


def add(
    connection: Connection, label_index: LabelIndex, placed: Iterable[tuple[int, NewEntry]]
) -> None:
    """Insert entries at unused positions; the caller saves the label index and the statistics.

    Raises sqlalchemy.exc.IntegrityError when a position or a source-ref is taken.
    """
    narrow, wide, used = [], [], []
    for position, entry in placed:
        mentions = label_index.take(entry.mentions)
        key = {"dataset_id": label_index.dataset_id, "position": position}
        flags = {"is_labeled": entry.is_labeled, "has_errors": entry.has_errors}
        narrow.append({**key, **flags, "source_ref": entry.source_ref})
        wide.append({**key, "mentions": mentions, "line": entry.line})
        used += [
            {**key, "label_id": label_id, "has_errors": entry.has_errors}
            for label_id in _in_use(mentions)
        ]
    for table, rows in ((entries, narrow), (entry_lines, wide), (entry_labels, used)):
        if rows:
            connection.execute(insert(table), rows)


def upsert(connection: Connection, label_index: LabelIndex, batch: Sequence[NewEntry]) -> None:
    """Replace the entries whose source-ref the dataset has, in place, and append the others.

    Each source-ref may occur once in `batch`. The caller saves the label index and the statistics.
    """
    known = positions(connection, label_index.dataset_id, [entry.source_ref for entry in batch])
    fresh = count(next_position(connection, label_index.dataset_id))
    remove(connection, label_index, known.values())
    placed = (
        (known[entry.source_ref] if entry.source_ref in known else next(fresh), entry)
        for entry in batch
    )
    add(connection, label_index, placed)


def remove(connection: Connection, label_index: LabelIndex, positions: Iterable[int]) -> None:
    """Delete entries; the caller saves the label index and the statistics."""
    for some in _chunks(sorted(positions), _LISTED):
        kept = _mentions(connection, label_index.dataset_id, some)
        for mentions in kept.values():
            label_index.release(mentions)
        _delete_labels(connection, label_index.dataset_id, kept)
        _delete(connection, label_index.dataset_id, some)


def remove_some(connection: Connection, dataset_id: int, limit: int) -> bool:
    """Delete the first `limit` entries of a dataset that is being deleted; True while any is left.

    Labels and statistics are not updated.
    """
    query = select(entries.c.position).where(entries.c.dataset_id == dataset_id)
    first = connection.execute(query.order_by(entries.c.position).limit(limit)).scalars().all()
    for some in _chunks(first, _LISTED):
        _delete_labels(connection, dataset_id, _mentions(connection, dataset_id, some))
        _delete(connection, dataset_id, some)
    return len(first) == limit


def move(
    connection: Connection, from_dataset_id: int, to_dataset_id: int, positions: Iterable[int]
) -> None:
    """Move entries to the end of another dataset; labels and statistics of both follow."""
    source = LabelIndex.open(connection, from_dataset_id)
    target = LabelIndex.open(connection, to_dataset_id)
    free = next_position(connection, to_dataset_id)
    for some in _chunks(sorted(positions), _LISTED):
        _move(connection, source, target, some, free)
        free += len(some)
    for label_index in (source, target):
        label_index.save(connection)
        refresh_stats(connection, label_index.dataset_id)


def lines(connection: Connection, dataset_id: int) -> Iterator[str]:
    """Stream every stored line in manifest order."""
    query = select(entry_lines.c.line).where(entry_lines.c.dataset_id == dataset_id)
    for row in _stream(connection, query.order_by(entry_lines.c.position)):
        yield row.line


def contents(connection: Connection, dataset_id: int) -> Iterator[NewEntry]:
    """Stream every entry in manifest order, ready to be added to another dataset."""
    names = labels.names(connection, dataset_id)
    query = _joined(dataset_id, entry_lines.c.line)
    for row in _stream(connection, query):
        mentions = {names[label_id]: Mention(value) for label_id, value in row.mentions}
        yield NewEntry(row.source_ref, row.line, row.is_labeled, row.has_errors, mentions)


def uses(connection: Connection, dataset_id: int) -> Iterator[EntryUse]:
    """Stream image and labels in use of every entry, in manifest order."""
    faulty_line = case((entries.c.has_errors, entry_lines.c.line)).label("faulty_line")
    for row in _stream(connection, _joined(dataset_id, faulty_line)):
        yield EntryUse(row.position, row.source_ref, tuple(_in_use(row.mentions)), row.faulty_line)


def stats(connection: Connection, dataset_id: int) -> DatasetStats:
    """Count the rows (manifests.md 6); labels are those last saved by a label index."""
    mine = entries.c.dataset_id == dataset_id
    number = select(func.count()).select_from(entries)
    return DatasetStats(
        total_entries=connection.execute(number.where(mine)).scalar_one(),
        labeled_entries=connection.execute(number.where(mine, entries.c.is_labeled)).scalar_one(),
        total_labels=len(labels.names(connection, dataset_id)),
        error_entries=connection.execute(number.where(mine, entries.c.has_errors)).scalar_one(),
    )


def refresh_stats(connection: Connection, dataset_id: int) -> None:
    """Write the counted statistics into the dataset's row."""
    datasets.set_stats(connection, dataset_id, stats(connection, dataset_id))


def first_source_ref(connection: Connection, dataset_id: int) -> str | None:
    """Return the source-ref of the first entry: all images of a dataset are in its bucket."""
    query = select(entries.c.source_ref).where(entries.c.dataset_id == dataset_id)
    return connection.execute(query.order_by(entries.c.position).limit(1)).scalar()


def positions(connection: Connection, dataset_id: int, refs: Sequence[str]) -> dict[str, int]:
    """Return the positions of these source-refs; absent ones are left out."""
    known = {}
    for some in _chunks(refs, _LISTED):
        query = select(entries.c.source_ref, entries.c.position).where(
            entries.c.dataset_id == dataset_id, entries.c.source_ref.in_(some)
        )
        known.update({row.source_ref: row.position for row in connection.execute(query)})
    return known


def next_position(connection: Connection, dataset_id: int) -> int:
    """Return the position of the next appended entry."""
    query = select(func.max(entries.c.position)).where(entries.c.dataset_id == dataset_id)
    last = connection.execute(query).scalar()
    return 0 if last is None else last + 1


def _move(
    connection: Connection,
    source: LabelIndex,
    target: LabelIndex,
    positions: Sequence[int],
    first: int,
) -> None:
    kept = _mentions(connection, source.dataset_id, positions)
    keys, label_keys = [], []
    for new, (old, mentions) in enumerate(kept.items(), start=first):
        taken = target.take(source.release(mentions))
        keys.append({"old": old, "new": new, "taken": taken})
        label_keys += [
            {"old": old, "new": new, "old_label": old_label, "new_label": new_label}
            for (old_label, mention), (new_label, _) in zip(sorted(mentions), taken, strict=True)
            if mention != Mention.DECLARED
        ]
    goal = {"dataset_id": target.dataset_id, "position": bindparam("new")}
    taken_column = bindparam("taken", type_=entry_lines.c.mentions.type)
    _rekey(connection, entries, source.dataset_id, goal, keys)
    _rekey(connection, entry_lines, source.dataset_id, {**goal, "mentions": taken_column}, keys)
    label_goal = {**goal, "label_id": bindparam("new_label")}
    _rekey(connection, entry_labels, source.dataset_id, label_goal, label_keys)


def _rekey(
    connection: Connection,
    table: Table,
    from_dataset_id: int,
    goal: dict[str, Any],
    keys: list[dict[str, Any]],
) -> None:
    where = [table.c.dataset_id == from_dataset_id, table.c.position == bindparam("old")]
    if table is entry_labels:
        where.append(table.c.label_id == bindparam("old_label"))
    if keys:
        connection.execute(update(table).where(*where).values(goal), keys)


def _delete(connection: Connection, dataset_id: int, positions: Sequence[int]) -> None:
    for table in (entries, entry_lines):
        connection.execute(
            delete(table).where(table.c.dataset_id == dataset_id, table.c.position.in_(positions))
        )


def _delete_labels(
    connection: Connection, dataset_id: int, mentions: Mapping[int, _Mentions]
) -> None:
    keys = [
        {"label": label_id, "at": position}
        for position, mentioned in mentions.items()
        for label_id in _in_use(mentioned)
    ]
    if keys:
        where = (
            entry_labels.c.dataset_id == dataset_id,
            entry_labels.c.label_id == bindparam("label"),
            entry_labels.c.position == bindparam("at"),
        )
        connection.execute(delete(entry_labels).where(*where), keys)


def _in_use(mentions: _Mentions) -> list[int]:
    return [label_id for label_id, mention in mentions if mention != Mention.DECLARED]


def _mentions(
    connection: Connection, dataset_id: int, positions: Sequence[int]
) -> dict[int, _Mentions]:
    """Return the stored mentions of these entries by position, in manifest order."""
    query = select(entry_lines.c.position, entry_lines.c.mentions).where(
        entry_lines.c.dataset_id == dataset_id, entry_lines.c.position.in_(positions)
    )
    rows = connection.execute(query.order_by(entry_lines.c.position))
    return {row.position: row.mentions for row in rows}


def _joined(dataset_id: int, *more: ColumnElement[Any]) -> Select[Any]:
    same = (entry_lines.c.dataset_id == entries.c.dataset_id) & (
        entry_lines.c.position == entries.c.position
    )
    return (
        select(entries, entry_lines.c.mentions, *more)
        .join(entry_lines, same)
        .where(entries.c.dataset_id == dataset_id)
        .order_by(entries.c.position)
    )


def _stream(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    yield from connection.execute(query, execution_options={"yield_per": _STREAMED})


def _chunks(values: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
