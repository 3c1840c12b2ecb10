"""Which predicted box found which ground-truth box (evaluation.md 2.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from lensmith.evaluation.boxes import Boxes, Flags, Floats, Indices, overlaps

LEAST_OVERLAP = 0.5
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Matching:
    correct: Flags  # [predictions] True where a prediction has its own ground-truth box
    found: Flags  # [ground-truth boxes] True where a prediction of any confidence matched
    partner: Indices  # [predictions] the ground-truth box, or NOBODY


@dataclass(frozen=True, slots=True)
class Encounter:
    """Predictions and ground truth of one label in one image, where some overlap enough."""

    candidates: Indices  # predictions, best first; those that overlap nothing are left out
    wanted: Indices  # ground-truth boxes, in file order
    overlap: Floats  # [candidates, wanted] intersection over union


def match(predicted: Boxes, truth: Boxes) -> Matching:
    """Match within each image and label, the most confident prediction choosing first.

    A prediction takes the still unmatched ground-truth box of the highest IoU, at least 0.5.
    Predictions of equal confidence choose in file order.
    """
    partner = partners(encounters(predicted, truth), len(predicted), LEAST_OVERLAP)
    correct: Flags = partner != NOBODY
    found = np.zeros(len(truth), dtype=np.bool_)
    found[partner[correct]] = True
    return Matching(correct, found, partner)


def encounters(predicted: Boxes, truth: Boxes) -> list[Encounter]:
    """Every image and label in which a prediction overlaps the ground truth by at least 0.5."""
    wanted = _by_image_and_label(truth)
    return [
        encounter
        for place, candidates in _by_image_and_label(predicted).items()
        if place in wanted
        for encounter in _meet(predicted, candidates, truth, wanted[place])
    ]


def partners(
    met: Iterable[Encounter],
    predictions: int,
    least_overlap: float,
    counted: Flags | None = None,
) -> Indices:
    """The ground-truth box of each prediction at another IoU, or NOBODY.

    With `counted`, [ground-truth boxes], a prediction takes a box that counts before any other.
    """
    partner: Indices = np.full(predictions, NOBODY, dtype=np.intp)
    for encounter in met:
        _pair(encounter, least_overlap, counted, partner)
    return partner


def _meet(
    predicted: Boxes, candidates: Indices, truth: Boxes, wanted: Indices
) -> Iterator[Encounter]:
    order = candidates[np.argsort(-predicted.confidence[candidates], kind="stable")]
    overlap = overlaps(predicted.edges[order], truth.edges[wanted])
    touching = overlap.max(axis=1) >= LEAST_OVERLAP
    if touching.any():
        yield Encounter(order[touching], wanted, overlap[touching])


def _pair(
    encounter: Encounter, least_overlap: float, counted: Flags | None, partner: Indices
) -> None:
    rank = encounter.overlap.copy()
    if counted is not None:  # an IoU is at most 1, so that a box that counts comes first
        rank[:, counted[encounter.wanted]] += 1.0
    free = encounter.overlap >= least_overlap
    for row, candidate in enumerate(encounter.candidates):
        best = int(np.where(free[row], rank[row], -1.0).argmax())
        if free[row, best]:
            partner[candidate] = encounter.wanted[best]
            free[:, best] = False


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
