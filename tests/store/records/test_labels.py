from __future__ import annotations

from sqlalchemy import Connection

from lensmith.domain.dataset import Dataset
from lensmith.domain.label import LabelUse
from lensmith.store.records import labels
from lensmith.store.records.labels import LabelIndex, Mention


def _saved(connection: Connection, dataset: Dataset) -> list[LabelUse]:
    rows = labels.page(connection, dataset.id, after=None, limit=100)
    return [use for _, use in rows]


def test_labels_are_listed_in_order_of_first_appearance(write: Connection, train: Dataset) -> None:
    label_index = LabelIndex.open(write, train.id)
    label_index.take({"pear": Mention.ON_IMAGE, "apple": Mention.DECLARED})
    label_index.take({"fig": Mention.ON_BOX, "pear": Mention.ON_BOX})
    label_index.save(write)

    assert _saved(write, train) == [
        LabelUse("pear", 2, 1),
        LabelUse("apple", 0, 0),
        LabelUse("fig", 1, 1),
    ]


def test_a_page_continues_after_a_label_id(write: Connection, train: Dataset) -> None:
    label_index = LabelIndex.open(write, train.id)
    label_index.take(dict.fromkeys("abcde", Mention.ON_IMAGE))
    label_index.save(write)

    first = labels.page(write, train.id, after=None, limit=2)
    second = labels.page(write, train.id, after=first[-1][0], limit=9)

    assert [use.name for _, use in first] == ["a", "b"]
    assert [use.name for _, use in second] == ["c", "d", "e"]


def test_a_label_that_no_line_declares_any_more_vanishes(write: Connection, train: Dataset) -> None:
    label_index = LabelIndex.open(write, train.id)
    first = label_index.take({"pear": Mention.ON_IMAGE, "apple": Mention.DECLARED})
    label_index.take({"pear": Mention.ON_BOX})
    label_index.save(write)

    label_index = LabelIndex.open(write, train.id)
    label_index.release(first)
    assert len(label_index) == 1
    label_index.save(write)

    assert _saved(write, train) == [LabelUse("pear", 1, 1)]


def test_a_label_that_is_only_declared_stays(write: Connection, train: Dataset) -> None:
    label_index = LabelIndex.open(write, train.id)
    used = label_index.take({"pear": Mention.ON_IMAGE})
    label_index.take({"pear": Mention.DECLARED})
    label_index.release(used)
    label_index.save(write)

    assert _saved(write, train) == [LabelUse("pear", 0, 0)]


def test_a_label_released_and_taken_again_keeps_its_place(
    write: Connection, train: Dataset
) -> None:
    label_index = LabelIndex.open(write, train.id)
    used = label_index.take({"pear": Mention.ON_IMAGE})
    label_index.take({"fig": Mention.ON_IMAGE})
    label_index.save(write)

    label_index = LabelIndex.open(write, train.id)
    assert label_index.release(used) == {"pear": Mention.ON_IMAGE}
    label_index.take({"pear": Mention.ON_BOX})
    label_index.save(write)

    assert _saved(write, train) == [LabelUse("pear", 1, 1), LabelUse("fig", 1, 0)]
