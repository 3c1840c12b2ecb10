"""Which predicted box found which ground-truth box (evaluation.md 2.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lensmith.evaluation.boxes import Boxes, Flags, Indices, overlaps

LEAST_OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Matching:
    correct: Flags  # [predictions] True where a prediction has its own ground-truth box
    found: Flags  # [ground-truth boxes] True where a prediction of any confidence matched


def match(predicted: Boxes, truth: Boxes) -> Matching:
    """Match within each image and label, the most confident prediction choosing first.

    A prediction takes the still unmatched ground-truth box of the highest IoU, at least 0.5.
    Predictions of equal confidence choose in file order.
    """
    correct = np.zeros(len(predicted), dtype=np.bool_)
    found = np.zeros(len(truth), dtype=np.bool_)
    wanted = _by_image_and_label(truth)
    for place, candidates in _by_image_and_label(predicted).items():
        if place in wanted:
            _match_one(predicted, candidates, truth, wanted[place], correct, found)
    return Matching(correct, found)


def _match_one(
    predicted: Boxes,
    candidates: Indices,
    truth: Boxes,
    wanted: Indices,
    correct: Flags,
    found: Flags,
) -> None:
    order = candidates[np.argsort(-predicted.confidence[candidates], kind="stable")]
    overlap = overlaps(predicted.edges[order], truth.edges[wanted])
    for row, candidate in enumerate(order):
        best = int(overlap[row].argmax())
        if overlap[row, best] >= LEAST_OVERLAP:
            correct[candidate] = found[wanted[best]] = True
            overlap[:, best] = -1.0


def _by_image_and_label(boxes: Boxes) -> dict[tuple[int, int], Indices]:
    """Indices of the boxes at each (image, label), in file order."""
    if len(boxes) == 0:
        return {}
    order = np.lexsort((boxes.label, boxes.image))
    image, label = boxes.image[order], boxes.label[order]
    starts = np.flatnonzero((np.diff(image) != 0) | (np.diff(label) != 0)) + 1
    return {
        (int(boxes.image[group[0]]), int(boxes.label[group[0]])): group
        for group in np.split(order, starts)
    }
