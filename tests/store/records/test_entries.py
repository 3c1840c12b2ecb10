from __future__ import annotations

from collections.abc import Iterable

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from lensmith.domain.dataset import Dataset, DatasetStats, DatasetStatus, DatasetType
from lensmith.domain.label import LabelUse
from lensmith.store.records import datasets, entries, entry_page, labels, projects
from lensmith.store.records.engine import Records
from lensmith.store.records.entries import EntryUse, NewEntry
from lensmith.store.records.labels import LabelIndex, Mention
from lensmith.store.records.tables import entries as entry_rows
from lensmith.store.records.tables import entry_labels, entry_lines


def _entry(name: str, text: str = "", **mentions: Mention) -> NewEntry:
    ref = f"s3://orchard/{name}.png"
    used = any(mentions.values())
    return NewEntry(ref, f'{{"source-ref":"{ref}"{text}}}', used, bool(text), mentions)


def _fill(connection: Connection, dataset: Dataset, given: Iterable[NewEntry]) -> None:
    label_index = LabelIndex.open(connection, dataset.id)
    entries.upsert(connection, label_index, list(given))
    label_index.save(connection)
    entries.refresh_stats(connection, dataset.id)


def _names(connection: Connection, dataset: Dataset) -> list[str]:
    page = entry_page.page(connection, dataset.id, after=None, limit=1000)
    return [entry.source_ref.removeprefix("s3://orchard/")[:-4] for entry in page.entries]


def _labels(connection: Connection, dataset: Dataset) -> list[LabelUse]:
    return [use for _, use in labels.page(connection, dataset.id, after=None, limit=100)]


def test_entries_are_kept_in_order_as_given(write: Connection, train: Dataset) -> None:
    given = [_entry(name, pear=Mention.ON_IMAGE) for name in ("c", "a", "b")]
    _fill(write, train, given)

    assert list(entries.lines(write, train.id)) == [entry.line for entry in given]
    assert list(entries.contents(write, train.id)) == given


def test_a_known_source_ref_replaces_in_place_and_a_new_one_appends(
    write: Connection, train: Dataset
) -> None:
    _fill(write, train, [_entry(name) for name in "abc"])

    _fill(write, train, [_entry("d"), _entry("b", ',"x":1', fig=Mention.ON_BOX)])

    assert _names(write, train) == ["a", "b", "c", "d"]
    assert list(entries.lines(write, train.id))[1].endswith(',"x":1}')
    assert _labels(write, train) == [LabelUse("fig", 1, 1)]


def test_replacing_the_last_entry_keeps_positions_unique(write: Connection, train: Dataset) -> None:
    _fill(write, train, [_entry(name) for name in "ab"])
    _fill(write, train, [_entry("new"), _entry("b")])
    assert _names(write, train) == ["a", "b", "new"]


def test_a_source_ref_is_in_a_dataset_once(write: Connection, train: Dataset) -> None:
    label_index = LabelIndex.open(write, train.id)
    with pytest.raises(IntegrityError):
        entries.add(write, label_index, [(0, _entry("a")), (1, _entry("a"))])


def test_the_other_dataset_is_not_touched(write: Connection, train: Dataset, test: Dataset) -> None:
    for dataset in (train, test):
        _fill(write, dataset, [_entry("a", pear=Mention.ON_IMAGE)])

    _fill(write, train, [_entry("a", fig=Mention.ON_IMAGE)])

    assert _labels(write, test) == [LabelUse("pear", 1, 0)]


def test_statistics_are_counted_from_the_rows(write: Connection, train: Dataset) -> None:
    given = [
        _entry("a", pear=Mention.ON_IMAGE, fig=Mention.DECLARED),
        _entry("b", ',"cl-errors":[]'),
        _entry("c"),
    ]
    _fill(write, train, given)

    found = datasets.find(write, train.arn)
    assert found is not None
    assert found.stats == DatasetStats(3, 1, 2, 1)


def test_uses_name_only_labels_in_use(write: Connection, train: Dataset) -> None:
    given = [
        _entry("a", pear=Mention.DECLARED, fig=Mention.ON_BOX),
        _entry("b", ',"cl-errors":[]', pear=Mention.ON_IMAGE),
    ]
    _fill(write, train, given)

    assert list(entries.uses(write, train.id)) == [
        EntryUse(0, given[0].source_ref, (1,), None),
        EntryUse(1, given[1].source_ref, (0,), given[1].line),
    ]


def test_moved_entries_leave_with_their_labels(
    write: Connection, train: Dataset, test: Dataset
) -> None:
    given = [
        _entry("a", pear=Mention.ON_IMAGE),
        _entry("b", fig=Mention.ON_BOX, pear=Mention.DECLARED),
        _entry("c", plum=Mention.ON_IMAGE, fig=Mention.ON_IMAGE),
    ]
    _fill(write, train, given)

    entries.move(write, train.id, test.id, [2, 1])

    assert (_names(write, train), _names(write, test)) == (["a"], ["b", "c"])
    assert _labels(write, train) == [LabelUse("pear", 1, 0)]
    assert _labels(write, test) == [
        LabelUse("pear", 0, 0),
        LabelUse("fig", 2, 1),
        LabelUse("plum", 1, 0),
    ]
    assert list(entries.contents(write, test.id)) == given[1:]
    found = entry_page.page(write, test.id, after=None, limit=9, contains_labels=["fig"])
    assert len(found.entries) == 2
    moved = datasets.find(write, test.arn)
    assert moved is not None
    assert moved.stats == DatasetStats(2, 2, 3, 0)


def test_an_emptied_dataset_leaves_no_row(write: Connection, train: Dataset) -> None:
    _fill(write, train, [_entry(str(n), pear=Mention.ON_IMAGE) for n in range(25)])

    assert entries.remove_some(write, train.id, 20)
    assert not entries.remove_some(write, train.id, 20)

    for table in (entry_rows, entry_lines, entry_labels):
        assert write.execute(select(table)).first() is None


def test_lines_are_streamed_while_others_write(records: Records) -> None:
    with records.write() as connection:
        owner = projects.create(connection, "000000000000", "us-east-1", "orchard")
        dataset = datasets.create(
            connection, owner, DatasetType.TRAIN, DatasetStatus.CREATE_COMPLETE, "-"
        )
        _fill(connection, dataset, [_entry(str(n)) for n in range(2000)])

    with records.read() as connection:
        stream = entries.lines(connection, dataset.id)
        first = next(stream)
        with records.write() as other:
            datasets.clear(other, dataset.id)
        assert first.startswith('{"source-ref":"s3://orchard/0.png"')
        assert sum(1 for _ in stream) == 1999
