"""Input of the checks: entries as training would use them, and facts about their images."""

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


class FramedBox(NamedTuple):
    label: str
    box: Box  # fractions of the frame
    frame: Frame  # as the line declares it


@dataclass(frozen=True, slots=True)
class CheckedEntry:
    """One line of a dataset, without what training would ignore."""

    dataset: DatasetType
    source_ref: str
    is_labeled: bool
    image_labels: tuple[str, ...]
    boxes: tuple[FramedBox, ...]
    errors: tuple[str, ...] = ()  # codes
    replaced: tuple[str, ...] = ()  # attributes that a later adjustment job corrected

    @property
    def labels(self) -> frozenset[str]:
        """Labels of the image and of its boxes."""
        return frozenset(self.image_labels).union(box.label for box in self.boxes)


@dataclass(frozen=True, slots=True)
class ExpectedImage:
    """The image of an entry, before it is read."""

    dataset: DatasetType
    source_ref: str
    labels: frozenset[str]
    frame: Frame | None  # declared by the first set of boxes


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Size, digest and fingerprint of an image that was read."""

    width: int  # pixels, upright
    height: int
    digest: bytes  # of the file
    fingerprint: Fingerprint
