"""Pages against the same filters applied one entry after another in plain Python."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection

from lensmith.domain.dataset import Dataset
from lensmith.store.records import entries, entry_page
from lensmith.store.records.entries import NewEntry
from lensmith.store.records.entry_page import EntryPage
from lensmith.store.records.labels import LabelIndex, Mention

_LABELS = ("pear", "Pear", "fig", "plum")


def _given(count: int) -> list[NewEntry]:
    draw = random.Random(7)
    made = []
    for number in range(count):
        ref = f"s3://orchard/{draw.choice(['Row', 'row', 'x%_y'])}/{number}.png"
        names = draw.sample(_LABELS, draw.choice([0, 0, 1, 2]))
        mentions = {name: draw.choice(list(Mention)) for name in names}
        used = any(mentions.values())
        made.append(NewEntry(ref, f'{{"source-ref":"{ref}"}}', used, draw.random() < 0.2, mentions))
    return made


def _matches(entry: NewEntry, filters: dict[str, Any]) -> bool:
    used = {name for name, mention in entry.mentions.items() if mention}
    text = filters["source_ref_contains"]
    return (
        (not filters["contains_labels"] or bool(used & set(filters["contains_labels"])))
        and filters["labeled"] in (None, entry.is_labeled)
        and (text is None or text in entry.source_ref)
        and (not filters["has_errors"] or entry.has_errors)
    )


def _walk(next_page: Callable[[int | None], EntryPage]) -> list[str]:
    seen, after, pages = [], None, 0
    while True:
        page = next_page(after)
        seen += [entry.line for entry in page.entries]
        pages += 1
        assert pages < 1000
        if page.next_position is None:
            return seen
        assert after is None or page.next_position > after
        after = page.next_position


def _fill(connection: Connection, dataset: Dataset, given: list[NewEntry]) -> None:
    label_index = LabelIndex.open(connection, dataset.id)
    entries.add(connection, label_index, enumerate(given))
    label_index.save(connection)


@pytest.mark.parametrize("count", [150, 2 * entry_page.CANDIDATES + 150])
def test_every_combination_of_filters(write: Connection, train: Dataset, count: int) -> None:
    given = _given(count)
    _fill(write, train, given)
    combinations = product(
        [(), ("pear",), ("fig", "Pear", "none"), ("none",)],
        [None, True, False],
        [None, "Row/", "x%_y", "3"],
        [False, True],
    )
    for wanted, labeled, text, errors in combinations:
        filters = {
            "contains_labels": wanted,
            "labeled": labeled,
            "source_ref_contains": text,
            "has_errors": errors,
        }

        def next_page(after: int | None, filters: dict[str, Any] = filters) -> EntryPage:
            return entry_page.page(write, train.id, after=after, limit=count // 15, **filters)

        expected = [entry.line for entry in given if _matches(entry, filters)]
        assert _walk(next_page) == expected, filters


def test_a_page_that_ends_the_dataset_is_the_last(write: Connection, train: Dataset) -> None:
    _fill(write, train, _given(20))

    page = entry_page.page(write, train.id, after=9, limit=10)

    assert [entry.position for entry in page.entries] == list(range(10, 20))
    assert page.next_position is None


def test_an_empty_dataset_has_one_empty_page(write: Connection, train: Dataset) -> None:
    page = entry_page.page(write, train.id, after=None, limit=10, source_ref_contains="a")
    assert page == EntryPage([], None)
