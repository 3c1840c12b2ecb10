"""Average precision of a detector by size of the objects and by strictness of the overlap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

import numpy as np

from lensmith.evaluation.boxes import Boxes, Flags, Floats
from lensmith.evaluation.matching import LEAST_OVERLAP, NOBODY, Encounter, partners
from lensmith.evaluation.metrics import average_precision

STRICTER_OVERLAPS = np.linspace(0.5, 0.95, 10).tolist()


class ObjectSize(StrEnum):
    """By the side of a square of the same area, as a share of the side of the frame."""

    SMALL = "small"  # below 3 %
    MEDIUM = "medium"  # from 3 % to below 10 %
    LARGE = "large"  # from 10 %


SIDES = {
    ObjectSize.SMALL: (0.0, 0.03),
    ObjectSize.MEDIUM: (0.03, 0.10),
    ObjectSize.LARGE: (0.10, math.inf),
}


@dataclass(frozen=True, slots=True)
class SizePrecision:
    """Objects of one size; others neither help nor harm."""

    size: ObjectSize
    boxes: int  # ground-truth boxes of that size
    average_precision: float  # mean over the labels that have some, at IoU 0.5


def precision_by_size(
    labels: int, predicted: Boxes, truth: Boxes, met: Sequence[Encounter]
) -> tuple[SizePrecision, ...]:
    """As COCO counts: a box of another size is ignored with whatever matches it, and so is a
    prediction of another size that matches nothing."""
    predicted_side, side = _sides(predicted), _sides(truth)
    found = []
    for size, (low, high) in SIDES.items():
        counted = (side >= low) & (side < high)
        partner = partners(met, len(predicted), LEAST_OVERLAP, counted)
        matched = partner != NOBODY
        correct = matched & _of(counted, partner)
        judged = correct | (~matched & (predicted_side >= low) & (predicted_side < high))
        each = _by_label(labels, predicted, truth, correct, judged, counted)
        found.append(
            SizePrecision(size, int(np.count_nonzero(counted)), fmean(each) if each else 0.0)
        )
    return tuple(found)


def precision_over_overlaps(
    labels: int, predicted: Boxes, truth: Boxes, met: Sequence[Encounter]
) -> float:
    """Mean of the average precisions at IoU 0.5, 0.55 to 0.95 (COCO's AP50:95)."""
    everything = np.ones(len(predicted), dtype=np.bool_)
    counted = np.ones(len(truth), dtype=np.bool_)
    means = []
    for least_overlap in STRICTER_OVERLAPS:
        correct = partners(met, len(predicted), least_overlap) != NOBODY
        each = _by_label(labels, predicted, truth, correct, everything, counted)
        means.append(fmean(each) if each else 0.0)
    return fmean(means)


def _by_label(
    labels: int, predicted: Boxes, truth: Boxes, correct: Flags, judged: Flags, counted: Flags
) -> list[float]:
    """Average precision of every label that has ground-truth boxes that count."""
    positives = np.bincount(truth.label[counted], minlength=labels)
    found = []
    for label in np.flatnonzero(positives):
        mine = judged & (predicted.label == label)
        found.append(
            average_precision(predicted.confidence[mine], correct[mine], int(positives[label]))
        )
    return found


def _of(counted: Flags, partner: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Flags:
    """Whether the partner of each prediction counts; anything where there is none."""
    flags: Flags = np.append(counted, False)[partner]
    return flags


def _sides(boxes: Boxes) -> Floats:
    """Side of a square of the area of each box, as a share of the frame."""
    lengths = np.maximum(boxes.edges[:, 2:] - boxes.edges[:, :2], 0.0)
    sides: Floats = np.sqrt(lengths.prod(axis=1))
    return sides
