"""Robustness: the share of answers that flip when a picture is changed and its content is not.

An answer is a label, or a box, at or above its threshold. It flips when it is there for one of the
two pictures and not for the other; boxes are the same answer at IoU 0.5 with the same label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lensmith.domain.label import Detection, Prediction
from lensmith.evaluation.boxes import box_iou

LAYOUT = 1
SAME_BOX_IOU = 0.5


class ChangeKind(StrEnum):
    """A way in which pictures in use differ from those that were trained on."""

    JPEG = "jpeg"  # `value` is the quality
    VIDEO = "video"  # a frame of H.264; `value` is its constant rate factor
    RESIZED = "resized"  # sides times `value`
    BLURRED = "blurred"  # Gaussian; `value` is the deviation in thousandths of the longer side
    TURNED = "turned"  # stored turned; `value` is the EXIF orientation that undoes it
    BRIGHTNESS = "brightness"  # all channels times `value`
    GAMMA = "gamma"  # all channels to the power of `value`
    WHITE_BALANCE = "white-balance"  # red times `value`, blue divided by it


@dataclass(frozen=True, slots=True)
class Change:
    kind: ChangeKind
    value: float


CHANGES = (
    *(Change(ChangeKind.JPEG, quality) for quality in (30, 50, 75, 95)),
    Change(ChangeKind.VIDEO, 28),
    *(Change(ChangeKind.RESIZED, factor) for factor in (0.5, 0.75, 1.5)),
    Change(ChangeKind.BLURRED, 1.5),
    *(Change(ChangeKind.TURNED, orientation) for orientation in (3, 6)),
    *(Change(ChangeKind.BRIGHTNESS, factor) for factor in (0.75, 1.25)),
    *(Change(ChangeKind.GAMMA, exponent) for exponent in (0.75, 1.33)),
    *(Change(ChangeKind.WHITE_BALANCE, factor) for factor in (0.9, 1.1)),
)


@dataclass(frozen=True, slots=True)
class Flips:
    """Answers to pictures before and after a change, each counted once, and those that flipped."""

    answers: int = 0
    flips: int = 0

    def __add__(self, other: Flips) -> Flips:
        return Flips(self.answers + other.answers, self.flips + other.flips)

    @property
    def share(self) -> float:
        return self.flips / self.answers if self.answers else 0.0


@dataclass(frozen=True, slots=True)
class ChangeFlips:
    """Flips under one change; None where this installation cannot make it (no PyAV)."""

    kind: ChangeKind
    value: float
    answers: int | None
    flips: int | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Robustness:
    """Flips on test pictures at the assumed thresholds."""

    layout: int
    pictures: int  # test pictures that were changed
    answers: int  # over all changes
    flips: int
    share: float
    changes: tuple[ChangeFlips, ...]


def robustness(
    pictures: int, flips: Mapping[Change, Flips], missing: Iterable[Change] = ()
) -> Robustness:
    """Build the report from the flips under each change; `missing` could not be made."""
    total = sum(flips.values(), Flips())
    made = [
        ChangeFlips(change.kind, change.value, each.answers, each.flips, each.share)
        for change, each in flips.items()
    ]
    left_out = [ChangeFlips(change.kind, change.value, None, None, None) for change in missing]
    return Robustness(LAYOUT, pictures, total.answers, total.flips, total.share, (*made, *left_out))


def count_flips(before: Prediction, after: Prediction, thresholds: Mapping[str, float]) -> Flips:
    """Count the answers of two predictions on one picture and those that only one has."""
    one, other = _answers(before, thresholds), _answers(after, thresholds)
    shared = sum(
        _shared(one.get(label, []), other.get(label, [])) for label in one.keys() & other.keys()
    )
    both = sum(map(len, one.values())) + sum(map(len, other.values()))
    return Flips(both - shared, both - 2 * shared)


def _answers(prediction: Prediction, thresholds: Mapping[str, float]) -> dict[str, list[Detection]]:
    """Group the detections that reach their thresholds by label, the most confident first."""
    answers: dict[str, list[Detection]] = {}
    for detection in prediction.detections:
        if detection.confidence >= thresholds[detection.name]:
            answers.setdefault(detection.name, []).append(detection)
    return answers


def _shared(one: Sequence[Detection], other: Sequence[Detection]) -> int:
    """Count the answers of one label that both have; boxes pair greedily by IoU."""
    if one[0].box is None or other[0].box is None:
        return 1
    iou = box_iou(_edges(one), _edges(other))
    shared = 0
    while iou.max() >= SAME_BOX_IOU:
        row, column = np.unravel_index(int(iou.argmax()), iou.shape)
        iou[row, :], iou[:, column] = 0.0, 0.0
        shared += 1
    return shared


def _edges(detections: Sequence[Detection]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    boxes = [one.box for one in detections if one.box is not None]
    return np.array(
        [(box.left, box.top, box.left + box.width, box.top + box.height) for box in boxes]
    )
