"""Decides the use case of a training from the formats of its labels (manifests.md 4.1 to 4.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lensmith.manifest.line.entry import Entry
from lensmith.manifest.line.quotas import (
    IMAGE_LEVEL_LABELS_MINIMUM,
    OBJECT_LOCALIZATION_LABELS_MINIMUM,
)


class UseCase(StrEnum):
    IMAGE_LEVEL_LABELS = "IMAGE_LEVEL_LABELS"
    OBJECT_LOCALIZATION = "OBJECT_LOCALIZATION"
    NOT_DETERMINED = "NOT_DETERMINED"

    @property
    def labels_minimum(self) -> int:
        """Distinct labels that either part needs (3.3)."""
        if self is UseCase.IMAGE_LEVEL_LABELS:
            return IMAGE_LEVEL_LABELS_MINIMUM
        return OBJECT_LOCALIZATION_LABELS_MINIMUM


@dataclass(frozen=True, slots=True)
class Formats:
    """How many valid lines of a manifest carry labels of each format; a line may count twice."""

    image_level: int = 0
    boxes: int = 0

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Formats:
        image_level = boxes = 0
        for entry in entries:
            image_level += bool(entry.image_labels)
            boxes += bool(entry.box_sets)
        return cls(image_level, boxes)


def is_brand(training: Formats, testing: Formats) -> bool:
    """Return whether training has only image-level labels and testing only boxes: brand (4.3)."""
    only_image_level = training.image_level > 0 and training.boxes == 0
    return only_image_level and testing.boxes > 0 and testing.image_level == 0


def use_case_of(training: Formats, testing: Formats) -> UseCase:
    """Return the use case of two valid manifests; `testing` is empty without a test manifest."""
    if training.image_level == training.boxes == 0:
        return UseCase.NOT_DETERMINED
    if training.image_level == 0 or is_brand(training, testing):
        return UseCase.OBJECT_LOCALIZATION
    if training.boxes == 0:
        return UseCase.IMAGE_LEVEL_LABELS
    return _of_mixed(training, testing)


def _of_mixed(training: Formats, testing: Formats) -> UseCase:
    if testing.boxes > 0 and testing.image_level == 0:
        return UseCase.OBJECT_LOCALIZATION
    if testing.image_level > 0 and testing.boxes == 0:
        return UseCase.IMAGE_LEVEL_LABELS
    if training.image_level > training.boxes:
        return UseCase.IMAGE_LEVEL_LABELS
    return UseCase.OBJECT_LOCALIZATION
