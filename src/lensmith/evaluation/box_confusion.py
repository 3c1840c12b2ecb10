"""Confusion matrix of a detector at the assumed thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lensmith.evaluation.boxes import Boxes, Flags, Floats, Indices, box_iou
from lensmith.evaluation.matching import MIN_IOU, UNMATCHED, Matching

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BoxConfusion:
    """Counts of boxes; a row with its `missed` sums to the ground truth of its label."""

    counts: Numbers  # [ground truth, predicted]; the diagonal holds the true positives
    missed: Numbers  # [labels] ground-truth boxes without a prediction
    background: Numbers  # [labels] predictions without a ground-truth box


@dataclass(frozen=True, slots=True)
class BoxPairs:
    """Each ground-truth box with what was said of it, and each prediction of nothing."""

    truth: Indices  # [pairs] the ground-truth box, or UNMATCHED
    predicted: Indices  # [pairs] the prediction, or UNMATCHED


def box_confusion(
    predicted: Boxes, truth: Boxes, matching: Matching, thresholds: Floats
) -> BoxConfusion:
    """Count confusions at IoU 0.5; `thresholds` are the assumed ones, [labels]."""
    labels = len(thresholds)
    pairs = box_pairs(predicted, truth, matching, thresholds)
    has_truth, has_prediction = pairs.truth != UNMATCHED, pairs.predicted != UNMATCHED
    both = has_truth & has_prediction
    counts = np.zeros((labels, labels), dtype=np.int64)
    confused = (truth.label[pairs.truth[both]], predicted.label[pairs.predicted[both]])
    np.add.at(counts, confused, 1)
    return BoxConfusion(
        counts,
        np.bincount(truth.label[pairs.truth[~has_prediction]], minlength=labels),
        np.bincount(predicted.label[pairs.predicted[~has_truth]], minlength=labels),
    )


def box_pairs(predicted: Boxes, truth: Boxes, matching: Matching, thresholds: Floats) -> BoxPairs:
    """Pair boxes at IoU 0.5 and the assumed thresholds, [labels].

    Matches within a label stay. Of the rest, the most confident prediction first takes the
    ground-truth box of another label with the highest IoU.
    """
    shown = predicted.confidence >= thresholds[predicted.label]
    right = np.flatnonzero(shown & matching.correct)
    partner = np.full(len(predicted), UNMATCHED, dtype=np.intp)
    partner[right] = matching.partner[right]
    free = np.ones(len(truth), dtype=np.bool_)
    free[partner[right]] = False
    stray = np.flatnonzero(shown & ~matching.correct)
    _take_from_another(predicted, truth, stray, free, partner)
    said, missed = np.flatnonzero(shown), np.flatnonzero(free)
    nothing = np.full(len(missed), UNMATCHED, dtype=np.intp)
    return BoxPairs(np.concatenate([partner[said], missed]), np.concatenate([said, nothing]))


def _take_from_another(
    predicted: Boxes, truth: Boxes, stray: Indices, free: Flags, partner: Indices
) -> None:
    """Give stray predictions the boxes of other labels that they are on; changes both arrays."""
    order = stray[np.argsort(-predicted.confidence[stray], kind="stable")]
    starts = np.searchsorted(truth.image, predicted.image[order], side="left")
    ends = np.searchsorted(truth.image, predicted.image[order], side="right")
    for prediction, start, end in zip(order, starts, ends, strict=True):
        here = np.arange(start, end)[free[start:end]]
        ious = box_iou(predicted.edges[prediction : prediction + 1], truth.edges[here])[0]
        if len(here) and ious.max() >= MIN_IOU:
            taken = here[ious.argmax()]
            free[taken] = False
            partner[prediction] = taken
