"""The example projects: rendered pictures with labels or boxes, kept in this package.

`python -m research.example_pictures` renders them (research/README.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

PICTURES = Path(__file__).parent / "pictures"
SPLITS = ("train", "test")


class ExampleBox(msgspec.Struct, frozen=True):
    """A labelled box in pixels of the picture."""

    label: str
    left: int
    top: int
    width: int
    height: int


class Annotation(msgspec.Struct, frozen=True):
    """Lists what a picture shows: labels of the whole picture, or boxes; and its size in pixels."""

    size: tuple[int, int]
    labels: tuple[str, ...] = ()
    boxes: tuple[ExampleBox, ...] = ()


@dataclass(frozen=True, slots=True)
class ExampleProject:
    """One example: a training and a test set, and a picture that is in neither."""

    name: str  # of its folder, and of projects made of it: `rooms_1`

    @property
    def folder(self) -> Path:
        return PICTURES / self.name

    @property
    def sample(self) -> Path:
        """Return the picture to try a model on."""
        return self.folder / "sample" / f"{self.name}.jpg"

    def picture(self, split: str, file_name: str) -> Path:
        return self.folder / split / file_name

    def annotations(self, split: str) -> dict[str, Annotation]:
        """Return what each picture of a split shows, by file name."""
        return _annotations(self.folder)[split]

    def labels(self) -> tuple[str, ...]:
        """Return the labels of the training set, sorted."""
        found: set[str] = set()
        for annotation in self.annotations("train").values():
            found.update(annotation.labels, (box.label for box in annotation.boxes))
        return tuple(sorted(found))


@cache
def _annotations(folder: Path) -> dict[str, dict[str, Annotation]]:
    content = (folder / "labels.json").read_bytes()
    return msgspec.json.decode(content, type=dict[str, dict[str, Annotation]])


ROOMS = ExampleProject("rooms")
FLOWERS = ExampleProject("flowers")
LOGOS = ExampleProject("logos")
CIRCUIT_BOARDS = ExampleProject("circuitboard")

EXAMPLES = {each.name: each for each in (ROOMS, FLOWERS, LOGOS, CIRCUIT_BOARDS)}
