"""Average precision of a detector by object size and by IoU threshold, as COCO defines them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

import numpy as np

from lensmith.evaluation.boxes import Boxes, Flags, Floats
from lensmith.evaluation.matching import MIN_IOU, UNMATCHED, MatchCandidates, partners
from lensmith.evaluation.metrics import average_precision

IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10).tolist()


class ObjectSize(StrEnum):
    """By the side of a square of the same area, as a fraction of the side of the frame."""

    SMALL = "small"  # below 3 %
    MEDIUM = "medium"  # from 3 % to below 10 %
    LARGE = "large"  # from 10 %


SIZE_RANGES = {
    ObjectSize.SMALL: (0.0, 0.03),
    ObjectSize.MEDIUM: (0.03, 0.10),
    ObjectSize.LARGE: (0.10, math.inf),
}


@dataclass(frozen=True, slots=True)
class SizePrecision:
    """Average precision on objects of one size; others are ignored."""

    size: ObjectSize
    boxes: int  # ground-truth boxes of that size
    average_precision: float  # mean over the labels with such boxes, at IoU 0.5


def precision_by_size(
    labels: int, predicted: Boxes, truth: Boxes, candidates: Sequence[MatchCandidates]
) -> tuple[SizePrecision, ...]:
    """Compute AP50 by size as COCO does: boxes of another size are ignored with their matches, and
    so are unmatched predictions of another size."""
    predicted_side, side = _sides(predicted), _sides(truth)
    found = []
    for size, (low, high) in SIZE_RANGES.items():
        counted = (side >= low) & (side < high)
        partner = partners(candidates, len(predicted), MIN_IOU, counted)
        matched = partner != UNMATCHED
        correct = matched & _of(counted, partner)
        judged = correct | (~matched & (predicted_side >= low) & (predicted_side < high))
        each = _by_label(labels, predicted, truth, correct, judged, counted)
        found.append(
            SizePrecision(size, int(np.count_nonzero(counted)), fmean(each) if each else 0.0)
        )
    return tuple(found)


def precision_over_overlaps(
    labels: int, predicted: Boxes, truth: Boxes, candidates: Sequence[MatchCandidates]
) -> float:
    """Compute the mean of the average precisions at IoU 0.5, 0.55 to 0.95 (COCO's AP50:95)."""
    everything = np.ones(len(predicted), dtype=np.bool_)
    counted = np.ones(len(truth), dtype=np.bool_)
    means = []
    for min_iou in IOU_THRESHOLDS:
        correct = partners(candidates, len(predicted), min_iou) != UNMATCHED
        each = _by_label(labels, predicted, truth, correct, everything, counted)
        means.append(fmean(each) if each else 0.0)
    return fmean(means)


def _by_label(
    labels: int, predicted: Boxes, truth: Boxes, correct: Flags, judged: Flags, counted: Flags
) -> list[float]:
    """Compute the average precision of every label with ground-truth boxes that count."""
    positives = np.bincount(truth.label[counted], minlength=labels)
    found = []
    for label in np.flatnonzero(positives):
        mine = judged & (predicted.label == label)
        found.append(
            average_precision(predicted.confidence[mine], correct[mine], int(positives[label]))
        )
    return found


def _of(counted: Flags, partner: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Flags:
    """Return whether the partner of each prediction counts; False where it is unmatched."""
    flags: Flags = np.append(counted, False)[partner]
    return flags


def _sides(boxes: Boxes) -> Floats:
    """Compute the side of a square of the area of each box, as a fraction of the frame."""
    lengths = np.maximum(boxes.edges[:, 2:] - boxes.edges[:, :2], 0.0)
    sides: Floats = np.sqrt(lengths.prod(axis=1))
    return sides
