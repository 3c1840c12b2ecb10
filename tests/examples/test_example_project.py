"""The kept pictures: each label in both splits, boxes that lie inside, small enough for a wheel."""

from __future__ import annotations

from collections import Counter

import pytest
from PIL import Image

from lensmith.examples.example_project import (
    CIRCUIT_BOARDS,
    EXAMPLES,
    FLOWERS,
    LOGOS,
    PICTURES,
    ROOMS,
    SPLITS,
    ExampleProject,
)

COUNTS = {
    ROOMS: {"train": 60, "test": 50},
    FLOWERS: {"train": 60, "test": 40},
    LOGOS: {"train": 60, "test": 36},
    CIRCUIT_BOARDS: {"train": 40, "test": 20},
}
LABELS = {ROOMS: 10, FLOWERS: 9, LOGOS: 5, CIRCUIT_BOARDS: 4}
each = pytest.mark.parametrize("example", EXAMPLES.values(), ids=lambda example: example.name)


def shown(example: ExampleProject, split: str) -> Counter[str]:
    """The pictures of a split that show each label."""
    found: Counter[str] = Counter()
    for annotation in example.annotations(split).values():
        found.update({*annotation.labels, *(box.label for box in annotation.boxes)})
    return found


@each
def test_every_label_is_in_both_splits(example: ExampleProject) -> None:
    assert len(example.labels()) == LABELS[example]
    for split, count in COUNTS[example].items():
        assert len(example.annotations(split)) == count
        assert set(shown(example, split)) == set(example.labels())
        assert min(shown(example, split).values()) >= 5


@each
def test_pictures_are_jpegs_of_their_size_and_boxes_lie_inside(example: ExampleProject) -> None:
    for split in SPLITS:
        for name, annotation in example.annotations(split).items():
            with Image.open(example.picture(split, name)) as image:
                assert (image.format, image.size) == ("JPEG", annotation.size)
            for box in annotation.boxes:
                assert box.left >= 0
                assert box.top >= 0
                assert box.width > 5
                assert box.height > 5
                assert box.left + box.width <= annotation.size[0]
                assert box.top + box.height <= annotation.size[1]
    with Image.open(example.sample) as image:
        assert image.format == "JPEG"


def test_the_four_kinds() -> None:
    for split in SPLITS:
        assert {len(a.labels) for a in ROOMS.annotations(split).values()} == {1}
        assert {len(a.labels) for a in FLOWERS.annotations(split).values()} == {3}
        assert all(len(a.boxes) >= 4 for a in CIRCUIT_BOARDS.annotations(split).values())
    assert all(len(a.labels) == 1 and not a.boxes for a in LOGOS.annotations("train").values())
    assert all(a.boxes and not a.labels for a in LOGOS.annotations("test").values())


def test_a_wheel_grows_by_eight_megabytes_at_most() -> None:
    files = [path for path in PICTURES.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 8_000_000
    assert {path.suffix for path in files} == {".jpg", ".json", ".md"}
