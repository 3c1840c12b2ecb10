"""The 80/20 split (manifests.md 4.4)."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lensmith.manifest.training.split import (
    TooFewImages,
    choose_entries_to_distribute,
    choose_test_lines,
)

Labels = list[list[str]]


def test_a_fifth_of_seventy_is_fourteen() -> None:
    labels = [["a", "b"][n % 2 :][:1] for n in range(70)]

    chosen = choose_test_lines(labels, 0)

    assert len(chosen) == 14
    assert Counter(labels[line][0] for line in chosen) == {"a": 7, "b": 7}


@pytest.mark.parametrize(("lines", "moved"), [(2, 1), (4, 1), (7, 1), (8, 2), (12, 2), (13, 3)])
def test_the_test_part_is_rounded_and_never_empty(lines: int, moved: int) -> None:
    assert len(choose_test_lines([["a"]] * lines, 0)) == moved


@pytest.mark.parametrize(
    "labels",
    [
        [],
        [[], []],
        [["a"]],
        [["a"], ["a"], ["b"]],
        [["a", "b"], ["a"], ["a"], ["a"], []],
        [[name] for name in "abcdefghij" for _ in range(2)],  # 4 of 10 labels in the test part
    ],
)
def test_too_few_images(labels: Labels) -> None:
    with pytest.raises(TooFewImages):
        choose_test_lines(labels, 0)


def test_the_same_seed_gives_the_same_split_whatever_the_order_within_a_line() -> None:
    chance = random.Random(7)
    labels = [chance.sample("abcdefgh", chance.randint(1, 3)) for _ in range(300)]

    first = choose_test_lines(labels, 3)

    assert choose_test_lines([frozenset(names) for names in labels], 3) == first
    assert choose_test_lines(labels, 4) != first


def test_shares_of_all_labels_are_kept() -> None:
    chance = random.Random(1)
    names = [f"label {n}" for n in range(40)]
    weights = [1 / (1 + n) for n in range(40)]
    labels = [chance.choices(names, weights, k=chance.randint(1, 5)) for _ in range(5000)]

    chosen = choose_test_lines(labels, 0)

    assert len(chosen) == 1000
    all_lines = Counter(name for line in labels for name in set(line))
    moved = Counter(name for line in chosen for name in set(labels[line]))
    assert all(abs(moved[name] - 0.2 * count) <= 2 for name, count in all_lines.items())


def test_rare_labels_are_tested_before_shares_are_met() -> None:
    labels = [["common"]] * 90 + [[f"rare {n}"] for n in range(5) for _ in range(2)]

    chosen = choose_test_lines(labels, 0)

    assert len(chosen) == 20
    assert {labels[line][0] for line in chosen} == {"common", *(f"rare {n}" for n in range(5))}


def test_thousands_of_rare_labels_are_no_trouble() -> None:
    labels = [[f"{line // 3}"] for line in range(30_000)]

    assert len(choose_test_lines(labels, 0)) == 6_000


@given(
    st.lists(st.lists(st.sampled_from("abcdef"), max_size=4), max_size=40),
    st.integers(0, 5),
)
@settings(max_examples=300, deadline=None)
def test_every_split_is_sound(labels: Labels, seed: int) -> None:
    labeled = [line for line, names in enumerate(labels) if names]
    counts = Counter(name for names in labels for name in set(names))
    try:
        chosen = choose_test_lines(labels, seed)
    except TooFewImages:
        return

    assert chosen <= set(labeled)
    assert 1 <= len(chosen) <= max(1, round(0.2 * len(labeled)))
    moved = Counter(name for line in chosen for name in set(labels[line]))
    assert all(moved[name] < count for name, count in counts.items())
    assert len(moved) >= 0.5 * len(counts)


def test_distribution_also_moves_a_fifth_of_the_unlabeled() -> None:
    labels = [["a"], [], ["b"], []] * 10

    chosen = choose_entries_to_distribute(labels, 0)

    assert len(chosen) == 8
    assert sum(not labels[line] for line in chosen) == 4
    assert choose_entries_to_distribute(labels, 0) == chosen


def test_distribution_needs_labeled_entries() -> None:
    with pytest.raises(TooFewImages):
        choose_entries_to_distribute([[]] * 10, 0)


def test_a_scene_is_not_split() -> None:
    labels = [["ab"[line % 2]] for line in range(60)]
    scenes = [line // 4 for line in range(60)]  # of both labels

    chosen = choose_test_lines(labels, 0, scenes)

    assert {scenes[line] for line in chosen} & {
        scenes[line] for line in range(60) if line not in chosen
    } == set()
    assert len(chosen) == 12


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_labels_are_tested_and_kept_whatever_the_scenes(seed: int) -> None:
    chance = random.Random(seed)
    labels = [chance.sample("abcd", chance.randint(1, 2)) for _ in range(60)]
    scenes = [chance.randrange(chance.choice((3, 20, 60))) for _ in range(60)]
    used = Counter(name for names in labels for name in names)
    chosen = choose_test_lines(labels, 1, scenes)
    tested = Counter(name for line in chosen for name in labels[line])
    assert all(0 < tested[name] < count for name, count in used.items() if count > 1)
