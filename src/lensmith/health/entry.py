"""What the checks are given: entries as training would see them, and their pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from lensmith.domain.dataset import DatasetType
from lensmith.domain.geometry import Box
from lensmith.health.fingerprint import Fingerprint


class Frame(NamedTuple):
    """Sides of an image in pixels."""

    width: float
    height: float


class MarkedBox(NamedTuple):
    label: str
    box: Box  # fractions of the frame
    frame: Frame  # as the line declares it


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a dataset; what training would ignore of it is left out."""

    dataset: DatasetType
    source_ref: str
    is_labeled: bool
    image_labels: tuple[str, ...]
    boxes: tuple[MarkedBox, ...]
    errors: tuple[str, ...] = ()  # codes

    @property
    def labels(self) -> frozenset[str]:
        """In either format."""
        return frozenset(self.image_labels).union(box.label for box in self.boxes)


@dataclass(frozen=True, slots=True)
class Expected:
    """The image of an entry, before it is read."""

    dataset: DatasetType
    source_ref: str
    labels: frozenset[str]
    frame: Frame | None  # declared by the first set of boxes


@dataclass(frozen=True, slots=True)
class Picture:
    """What an image turned out to be."""

    width: int  # pixels, upright
    height: int
    digest: bytes  # of the file
    fingerprint: Fingerprint
