"""Assigns predictions to ground-truth boxes: each prediction's targets in training."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

CANDIDATES = 10
BETA = 6.0  # power of the IoU; that of the score is 1
MIN_REACH = 8.0  # pixels around a box's centre that count as inside, for boxes smaller than a cell
FOUND_IOU, FOUND_SCORE = 0.6, 0.5  # from which a training box counts as found


@dataclass(frozen=True, slots=True)
class GroundTruthBoxes:
    """Boxes and labels of a batch, padded to the largest number of boxes in an image."""

    boxes: Tensor  # [n, g, 4] left, top, right, bottom in pixels
    labels: Tensor  # [n, g] integer, -1 for padding

    def to(self, device: torch.device) -> GroundTruthBoxes:
        return GroundTruthBoxes(self.boxes.to(device), self.labels.to(device))


@dataclass(frozen=True, slots=True)
class Targets:
    """Training targets of the `a` predictions of each image."""

    labels: Tensor  # [n, a] meaningful where the quality is above 0
    boxes: Tensor  # [n, a, 4]
    quality: Tensor  # [n, a] target score, 0..1; 0 for background
    recall: Tensor  # [] fraction of the batch's boxes that are found already


@dataclass(frozen=True, slots=True)
class TaskAlignedAssigner:
    """Task-aligned assignment (TOOD, Feng et al., 2021).

    A prediction is a candidate for a box if its point lies inside. The candidates with the highest
    `score * IoU ** beta` become positives; their target quality grows with that product, up to the
    IoU of the box's best one.
    """

    candidates: int = CANDIDATES  # positives a box, at most
    beta: float = BETA

    @torch.no_grad()
    def __call__(
        self, scores: Tensor, boxes: Tensor, points: Tensor, truth: GroundTruthBoxes
    ) -> Targets:
        """Assign `scores` [n, a, c] in 0..1 and `boxes` [n, a, 4], predicted at `points` [a, 2]."""
        real = truth.labels >= 0  # [n, g]
        overlaps = box_iou(truth.boxes, boxes)  # [n, g, a]
        own_scores = _scores_of_labels(scores, truth.labels)  # [n, g, a]
        inside = _inside(points, truth.boxes) & real[..., None]
        alignment = own_scores * overlaps**self.beta * inside
        chosen = _best_candidates(alignment, inside, self.candidates)
        chosen = chosen & _is_best_box(overlaps, chosen)

        alignment, overlaps_chosen = alignment * chosen, overlaps * chosen
        peak = alignment.amax(-1, keepdim=True).clamp(min=1e-9)
        quality_of_pair = alignment / peak * overlaps_chosen.amax(-1, keepdim=True)  # [n, g, a]
        quality, owner = quality_of_pair.max(1)  # [n, a]
        labels = truth.labels.clamp(min=0).gather(1, owner)
        found = (overlaps >= FOUND_IOU) & (own_scores >= FOUND_SCORE)
        return Targets(
            labels=labels,
            boxes=truth.boxes.gather(1, owner[..., None].expand(-1, -1, 4)),
            quality=quality,
            recall=(found.any(-1) & real).sum() / real.sum().clamp(min=1),
        )


def box_iou(boxes: Tensor, others: Tensor) -> Tensor:
    """Compute intersection over union of [n, g, 4] with [n, a, 4]: [n, g, a]."""
    corner = torch.maximum(boxes[:, :, None, :2], others[:, None, :, :2])
    opposite = torch.minimum(boxes[:, :, None, 2:], others[:, None, :, 2:])
    shared = (opposite - corner).clamp(min=0).prod(-1)
    areas = box_areas(boxes)[:, :, None] + box_areas(others)[:, None, :]
    return shared / (areas - shared).clamp(min=1e-6)


def box_areas(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1)


def _scores_of_labels(scores: Tensor, labels: Tensor) -> Tensor:
    """Gather for each box the scores that every prediction gives to its label: [n, g, a]."""
    index = labels.clamp(min=0)[:, :, None].expand(-1, -1, scores.shape[1])
    return scores.transpose(1, 2).gather(1, index)


def _inside(points: Tensor, boxes: Tensor) -> Tensor:
    """Return whether each point [a, 2] lies in each box [n, g, 4]: [n, g, a]."""
    centres = (boxes[..., :2] + boxes[..., 2:]) / 2
    reach = ((boxes[..., 2:] - boxes[..., :2]) / 2).clamp(min=MIN_REACH)
    return ((points - centres[:, :, None]).abs() < reach[:, :, None]).all(-1)


def _best_candidates(alignment: Tensor, inside: Tensor, candidates: int) -> Tensor:
    count = min(candidates, alignment.shape[-1])
    best = alignment.topk(count, dim=-1).indices
    return torch.zeros_like(inside).scatter_(-1, best, value=True) & inside


def _is_best_box(overlaps: Tensor, chosen: Tensor) -> Tensor:
    """Assign a prediction chosen by several boxes to the one that it overlaps most."""
    best = (overlaps * chosen).argmax(1, keepdim=True)
    return torch.zeros_like(chosen).scatter_(1, best, value=True)
