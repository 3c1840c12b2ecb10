"""Labels of a dataset: their order, how many entries use them, and when they vanish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Self

from sqlalchemy import Connection, delete, insert, select, update

from lensmith.domain.label import LabelUse
from lensmith.store.records.tables import labels


class Mention(IntEnum):
    """Use of a label by one entry."""

    DECLARED = 0  # only in a class-map
    ON_IMAGE = 1
    ON_BOX = 2  # on a box, perhaps on the image too


def page(
    connection: Connection, dataset_id: int, *, after: int | None, limit: int
) -> list[tuple[int, LabelUse]]:
    """Return labels and their ids in order of first appearance, after the id `after`."""
    query = select(labels).where(labels.c.dataset_id == dataset_id)
    if after is not None:
        query = query.where(labels.c.label_id > after)
    rows = connection.execute(query.order_by(labels.c.label_id).limit(limit))
    return [(row.label_id, LabelUse(row.name, row.entry_count, row.box_count)) for row in rows]


def ids(connection: Connection, dataset_id: int, names: Sequence[str]) -> list[int]:
    """Return the ids of those of `names` that the dataset has."""
    query = select(labels.c.label_id).where(
        labels.c.dataset_id == dataset_id, labels.c.name.in_(names)
    )
    return list(connection.execute(query).scalars())


def names(connection: Connection, dataset_id: int) -> dict[int, str]:
    """Return every label by its id, in order of first appearance."""
    query = select(labels.c.label_id, labels.c.name).where(labels.c.dataset_id == dataset_id)
    return {row.label_id: row.name for row in connection.execute(query.order_by(labels.c.label_id))}


def rename(connection: Connection, dataset_id: int, name: str, other: str) -> None:
    """Give a label another name, which the dataset must not have yet."""
    connection.execute(
        update(labels)
        .where(labels.c.dataset_id == dataset_id, labels.c.name == name)
        .values(name=other)
    )


@dataclass(slots=True)
class _Count:
    label_id: int
    mentions: int = 0
    entries: int = 0
    boxes: int = 0
    was_released: bool = False

    @property
    def has_vanished(self) -> bool:
        """Whether the last line that mentioned it is gone; a label never mentioned stays."""
        return self.mentions == 0 and self.was_released


class LabelIndex:
    """Counts the labels of one dataset while entries are added and removed.

    Counts are kept in memory until `save` writes them, so that a bulk change costs one write
    a label. Only one label index of a dataset may be open at a time.
    """

    def __init__(self, dataset_id: int, counts: dict[str, _Count]) -> None:
        self.dataset_id = dataset_id
        self._counts = counts
        self._names = {count.label_id: name for name, count in counts.items()}
        self._next_id = max(self._names, default=-1) + 1

    @classmethod
    def open(cls, connection: Connection, dataset_id: int) -> Self:
        rows = connection.execute(select(labels).where(labels.c.dataset_id == dataset_id))
        counts = {
            row.name: _Count(row.label_id, row.mention_count, row.entry_count, row.box_count)
            for row in rows
        }
        return cls(dataset_id, counts)

    def __len__(self) -> int:
        """Return the number of labels that `save` would write."""
        return sum(not count.has_vanished for count in self._counts.values())

    def take(self, mentioned: Mapping[str, Mention]) -> list[list[int]]:
        """Count the labels of an added entry; returns them as `entry_lines` stores them."""
        return [[self._take(name, mention), int(mention)] for name, mention in mentioned.items()]

    def release(self, mentions: Iterable[Sequence[int]]) -> dict[str, Mention]:
        """Uncount the labels of a removed entry; returns them by name, in id order."""
        released = {}
        for label_id, value in sorted(tuple(mention) for mention in mentions):
            name, mention = self._names[label_id], Mention(value)
            _add(self._counts[name], mention, -1)
            self._counts[name].was_released = True
            released[name] = mention
        return released

    def save(self, connection: Connection) -> None:
        """Replace the dataset's stored labels."""
        connection.execute(delete(labels).where(labels.c.dataset_id == self.dataset_id))
        rows = [
            self._row(name, count) for name, count in self._counts.items() if not count.has_vanished
        ]
        if rows:
            connection.execute(insert(labels), rows)

    def _take(self, name: str, mention: Mention) -> int:
        count = self._counts.get(name)
        if count is None:
            count = self._counts[name] = _Count(self._next_id)
            self._names[self._next_id] = name
            self._next_id += 1
        _add(count, mention, 1)
        return count.label_id

    def _row(self, name: str, count: _Count) -> dict[str, Any]:
        return {
            "dataset_id": self.dataset_id,
            "label_id": count.label_id,
            "name": name,
            "mention_count": count.mentions,
            "entry_count": count.entries,
            "box_count": count.boxes,
        }


def _add(count: _Count, mention: Mention, step: int) -> None:
    count.mentions += step
    if mention is not Mention.DECLARED:
        count.entries += step
    if mention is Mention.ON_BOX:
        count.boxes += step
