"""Calibration of confidences: expected and average calibration error (Nixon et al., 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lensmith.evaluation.boxes import Flags, Floats

_BINS = 10


class Basis(StrEnum):
    """The confidences that are compared with their accuracy."""

    TOP_LABEL = "top-label"  # the best label of each image, where every image has one label
    EACH_LABEL = "each-label"  # every label on every image
    BOXES = "boxes"  # every predicted box; right when it matched at IoU 0.5


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions whose confidence lies in an interval, its upper end included."""

    low: float
    high: float
    count: int
    confidence: float  # mean; 0.0 without predictions
    accuracy: float  # fraction that was right; 0.0 without predictions


@dataclass(frozen=True, slots=True)
class Calibration:
    basis: Basis
    expected_error: float  # mean distance of confidence and accuracy, weighted by count (ECE)
    average_error: float  # the same, every bin that is not empty counting once (ACE)
    bins: tuple[Bin, ...]  # ten of equal width, from 0 to 1


def calibrate_classifier(scores: Floats, truth: Flags) -> Calibration:
    """Compare confidences with image-level labels, both [images, labels]."""
    if len(truth) and bool((truth.sum(axis=1) == 1).all()):
        top = scores.argmax(axis=1)
        images = np.arange(len(scores))
        return _calibrate(Basis.TOP_LABEL, scores[images, top], truth[images, top])
    return _calibrate(Basis.EACH_LABEL, scores.ravel(), truth.ravel())


def calibrate_detector(confidence: Floats, correct: Flags) -> Calibration:
    """Compare confidences of boxes with whether they matched, both [predictions]."""
    return _calibrate(Basis.BOXES, confidence, correct)


def expected_calibration_error(confidence: Floats, correct: Flags) -> float:
    """Compute the ECE of one label; 0.0 without predictions."""
    return _expected(_bins(confidence, correct))


def _calibrate(basis: Basis, confidence: Floats, correct: Flags) -> Calibration:
    bins = _bins(confidence, correct)
    distances = [abs(each.confidence - each.accuracy) for each in bins if each.count]
    average = sum(distances) / len(distances) if distances else 0.0
    return Calibration(basis, _expected(bins), average, bins)


def _expected(bins: tuple[Bin, ...]) -> float:
    total = sum(each.count for each in bins)
    weighted = sum(each.count * abs(each.confidence - each.accuracy) for each in bins)
    return weighted / total if total else 0.0


def _bins(confidence: Floats, correct: Flags) -> tuple[Bin, ...]:
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    number = np.searchsorted(edges[1:-1], confidence, side="left")
    counts = np.bincount(number, minlength=_BINS)
    filled = np.maximum(counts, 1)
    sums = np.bincount(number, weights=confidence, minlength=_BINS)
    right = np.bincount(number, weights=correct, minlength=_BINS)
    return tuple(
        Bin(float(low), float(high), int(count), float(mean), float(accuracy))
        for low, high, count, mean, accuracy in zip(
            edges, edges[1:], counts, sums / filled, right / filled, strict=False
        )
    )
