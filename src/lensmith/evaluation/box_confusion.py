"""Confusion matrix of a detector at the assumed thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lensmith.evaluation.boxes import Boxes, Flags, Floats, Indices, box_iou
from lensmith.evaluation.matching import MIN_IOU, Matching

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BoxConfusion:
    """Counts of boxes; a row with its `missed` sums to the ground truth of its label."""

    counts: Numbers  # [ground truth, predicted]; the diagonal holds the true positives
    missed: Numbers  # [labels] ground-truth boxes without a prediction
    background: Numbers  # [labels] predictions without a ground-truth box


def box_confusion(
    predicted: Boxes, truth: Boxes, matching: Matching, thresholds: Floats
) -> BoxConfusion:
    """Count confusions at IoU 0.5; `thresholds` are the assumed ones, [labels].

    Matches within a label stay. Of the rest, the most confident prediction first takes the
    ground-truth box of another label with the highest IoU.
    """
    labels = len(thresholds)
    shown = predicted.confidence >= thresholds[predicted.label]
    counts = np.zeros((labels, labels), dtype=np.int64)
    right = shown & matching.correct
    np.add.at(counts, (predicted.label[right], predicted.label[right]), 1)
    free = np.ones(len(truth), dtype=np.bool_)
    free[matching.partner[right]] = False
    stray = np.flatnonzero(shown & ~matching.correct)
    lost = _take_for_another(predicted, truth, stray, free, counts)
    return BoxConfusion(
        counts,
        np.bincount(truth.label[free], minlength=labels),
        np.bincount(predicted.label[lost], minlength=labels),
    )


def _take_for_another(
    predicted: Boxes, truth: Boxes, stray: Indices, free: Flags, counts: Numbers
) -> Indices:
    """Count stray predictions on boxes of other labels; returns the predictions left over."""
    lost = []
    order = stray[np.argsort(-predicted.confidence[stray], kind="stable")]
    starts = np.searchsorted(truth.image, predicted.image[order], side="left")
    ends = np.searchsorted(truth.image, predicted.image[order], side="right")
    for prediction, start, end in zip(order, starts, ends, strict=True):
        here = np.arange(start, end)[free[start:end]]
        ious = box_iou(predicted.edges[prediction : prediction + 1], truth.edges[here])[0]
        if len(here) and ious.max() >= MIN_IOU:
            taken = here[ious.argmax()]
            free[taken] = False
            counts[truth.label[taken], predicted.label[prediction]] += 1
        else:
            lost.append(prediction)
    return np.array(lost, dtype=np.intp)
