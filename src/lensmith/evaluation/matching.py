"""Matches predicted to ground-truth boxes by IoU (evaluation.md 2.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from lensmith.evaluation.boxes import Boxes, Flags, Floats, Indices, box_iou

MIN_IOU = 0.5
UNMATCHED = -1


@dataclass(frozen=True, slots=True)
class Matching:
    correct: Flags  # [predictions] True where a prediction has its own ground-truth box
    found: Flags  # [ground-truth boxes] True where a prediction of any confidence matched
    partner: Indices  # [predictions] the ground-truth box, or UNMATCHED


@dataclass(frozen=True, slots=True)
class MatchCandidates:
    """Predictions and ground truth of one label in one image, where some overlap enough."""

    candidates: Indices  # predictions, best first; those without overlap are left out
    wanted: Indices  # ground-truth boxes, in file order
    iou: Floats  # [candidates, wanted] intersection over union


def match(predicted: Boxes, truth: Boxes) -> Matching:
    """Match within each image and label, the most confident prediction choosing first.

    A prediction takes the still unmatched ground-truth box of the highest IoU, at least 0.5.
    Predictions of equal confidence choose in file order.
    """
    partner = partners(match_candidates(predicted, truth), len(predicted), MIN_IOU)
    correct: Flags = partner != UNMATCHED
    found = np.zeros(len(truth), dtype=np.bool_)
    found[partner[correct]] = True
    return Matching(correct, found, partner)


def match_candidates(predicted: Boxes, truth: Boxes) -> list[MatchCandidates]:
    """Collect the images and labels in which a prediction has IoU 0.5 with the ground truth."""
    wanted = _by_image_and_label(truth)
    return [
        group
        for key, candidates in _by_image_and_label(predicted).items()
        if key in wanted
        for group in _candidates_of(predicted, candidates, truth, wanted[key])
    ]


def partners(
    candidates: Iterable[MatchCandidates],
    predictions: int,
    min_iou: float,
    counted: Flags | None = None,
) -> Indices:
    """Match at another IoU: the ground-truth box of each prediction, or UNMATCHED.

    With `counted`, [ground-truth boxes], a prediction takes a box that counts before any other.
    """
    partner: Indices = np.full(predictions, UNMATCHED, dtype=np.intp)
    for each in candidates:
        _match_greedily(each, min_iou, counted, partner)
    return partner


def _candidates_of(
    predicted: Boxes, candidates: Indices, truth: Boxes, wanted: Indices
) -> Iterator[MatchCandidates]:
    order = candidates[np.argsort(-predicted.confidence[candidates], kind="stable")]
    iou = box_iou(predicted.edges[order], truth.edges[wanted])
    touching = iou.max(axis=1) >= MIN_IOU
    if touching.any():
        yield MatchCandidates(order[touching], wanted, iou[touching])


def _match_greedily(
    group: MatchCandidates, min_iou: float, counted: Flags | None, partner: Indices
) -> None:
    rank = group.iou.copy()
    if counted is not None:  # an IoU is at most 1, so that a box that counts comes first
        rank[:, counted[group.wanted]] += 1.0
    free = group.iou >= min_iou
    for row, candidate in enumerate(group.candidates):
        best = int(np.where(free[row], rank[row], -1.0).argmax())
        if free[row, best]:
            partner[candidate] = group.wanted[best]
            free[:, best] = False


def _by_image_and_label(boxes: Boxes) -> dict[tuple[int, int], Indices]:
    """Collect the indices of the boxes at each (image, label), in file order."""
    if len(boxes) == 0:
        return {}
    order = np.lexsort((boxes.label, boxes.image))
    image, label = boxes.image[order], boxes.label[order]
    starts = np.flatnonzero((np.diff(image) != 0) | (np.diff(label) != 0)) + 1
    return {
        (int(boxes.image[group[0]]), int(boxes.label[group[0]])): group
        for group in np.split(order, starts)
    }
