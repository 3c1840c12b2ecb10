"""The confusion matrix of a classifier (evaluation.md 2.6)."""

from __future__ import annotations

import numpy as np

from lensmith.evaluation.boxes import Flags, Floats


def confusion_matrix(scores: Floats, truth: Flags) -> Floats:
    """Compute the fraction of a label's test images (row) whose top label is another (column).

    `scores` and `truth` are [images, labels]; the result is [labels, labels]. An image of k labels
    has k top labels: a label among them is right, a missed one is spread evenly over the wrong
    ones. Every row sums to 1, or is zero for a label without test images.
    """
    top = _top_labels(scores, truth.sum(axis=1))
    missed, wrong = truth & ~top, top & ~truth
    spread = wrong / np.maximum(wrong.sum(axis=1, keepdims=True), 1)
    counts = np.diag((truth & top).sum(axis=0)) + missed.T.astype(np.float64) @ spread
    matrix: Floats = counts / np.maximum(truth.sum(axis=0)[:, None], 1)
    return matrix


def confused_labels(scores: Floats, truth: Flags) -> list[tuple[int, int]]:
    """List what one image, [labels] each, adds to the matrix: (ground truth, predicted)."""
    top = _top_labels(scores[None], truth.sum(keepdims=True))[0]
    right = [(int(label), int(label)) for label in np.flatnonzero(truth & top)]
    missed, wrong = np.flatnonzero(truth & ~top), np.flatnonzero(top & ~truth)
    return right + [(int(label), int(other)) for label in missed for other in wrong]


def _top_labels(scores: Floats, counts: np.ndarray[tuple[int], np.dtype[np.int_]]) -> Flags:
    """Flag the `counts[image]` best labels of each image; equal scores in label order."""
    order = np.argsort(-scores, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(scores.shape[1])[None, :], axis=1)
    top: Flags = rank < counts[:, None]
    return top
