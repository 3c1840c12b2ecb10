"""Which predictions answer for which box: task-aligned assignment.

A prediction may answer for a box when its point lies inside; the few that best combine the right
label with a good overlap are chosen, and are to score as well as they overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

CANDIDATES = 10  # predictions that answer for one box
OVERLAP_POWER = 6.0  # how much overlap outweighs the score in choosing them
REACH = 8.0  # pixels around a box's centre that count as inside, for boxes smaller than a cell
FOUND_OVERLAP, FOUND_SCORE = 0.6, 0.5


@dataclass(frozen=True, slots=True)
class Truth:
    """What is in a batch of frames, padded to the most boxes in one."""

    boxes: Tensor  # [n, g, 4] left, top, right, bottom in pixels
    labels: Tensor  # [n, g] integer, -1 for padding

    def to(self, device: torch.device) -> Truth:
        return Truth(self.boxes.to(device), self.labels.to(device))


@dataclass(frozen=True, slots=True)
class Targets:
    """What each of the `a` predictions of a frame should have said."""

    labels: Tensor  # [n, a] meaningful where something is to be found
    boxes: Tensor  # [n, a, 4]
    quality: Tensor  # [n, a] how much there is to be found, 0..1; 0 for background
    found: Tensor  # [] share of the batch's boxes that are found already


@torch.no_grad()
def assign(scores: Tensor, boxes: Tensor, points: Tensor, truth: Truth) -> Targets:
    """`scores` [n, a, c] in 0..1 and `boxes` [n, a, 4] as predicted at `points` [a, 2]."""
    real = truth.labels >= 0  # [n, g]
    overlaps = pairwise_overlaps(truth.boxes, boxes)  # [n, g, a]
    own_scores = _scores_of_labels(scores, truth.labels)  # [n, g, a]
    inside = _inside(points, truth.boxes) & real[..., None]
    alignment = own_scores * overlaps**OVERLAP_POWER * inside
    chosen = _best_candidates(alignment, inside)
    chosen = chosen & _is_best_box(overlaps, chosen)

    alignment, overlaps_chosen = alignment * chosen, overlaps * chosen
    peak = alignment.amax(-1, keepdim=True).clamp(min=1e-9)
    quality_of_pair = alignment / peak * overlaps_chosen.amax(-1, keepdim=True)  # [n, g, a]
    quality, owner = quality_of_pair.max(1)  # [n, a]
    labels = truth.labels.clamp(min=0).gather(1, owner)
    found = (overlaps >= FOUND_OVERLAP) & (own_scores >= FOUND_SCORE)
    return Targets(
        labels=labels,
        boxes=truth.boxes.gather(1, owner[..., None].expand(-1, -1, 4)),
        quality=quality,
        found=(found.any(-1) & real).sum() / real.sum().clamp(min=1),
    )


def pairwise_overlaps(ours: Tensor, theirs: Tensor) -> Tensor:
    """Intersection over union of [n, g, 4] with [n, a, 4]: [n, g, a]."""
    corner = torch.maximum(ours[:, :, None, :2], theirs[:, None, :, :2])
    opposite = torch.minimum(ours[:, :, None, 2:], theirs[:, None, :, 2:])
    shared = (opposite - corner).clamp(min=0).prod(-1)
    areas = box_areas(ours)[:, :, None] + box_areas(theirs)[:, None, :]
    return shared / (areas - shared).clamp(min=1e-6)


def box_areas(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1)


def _scores_of_labels(scores: Tensor, labels: Tensor) -> Tensor:
    """For each box the scores that every prediction gives to its label: [n, g, a]."""
    index = labels.clamp(min=0)[:, :, None].expand(-1, -1, scores.shape[1])
    return scores.transpose(1, 2).gather(1, index)


def _inside(points: Tensor, boxes: Tensor) -> Tensor:
    """Whether each point [a, 2] lies in each box [n, g, 4]: [n, g, a]."""
    centres = (boxes[..., :2] + boxes[..., 2:]) / 2
    reach = ((boxes[..., 2:] - boxes[..., :2]) / 2).clamp(min=REACH)
    return ((points - centres[:, :, None]).abs() < reach[:, :, None]).all(-1)


def _best_candidates(alignment: Tensor, inside: Tensor) -> Tensor:
    count = min(CANDIDATES, alignment.shape[-1])
    best = alignment.topk(count, dim=-1).indices
    return torch.zeros_like(inside).scatter_(-1, best, value=True) & inside


def _is_best_box(overlaps: Tensor, chosen: Tensor) -> Tensor:
    """A prediction chosen by several boxes answers for the one it overlaps most."""
    best = (overlaps * chosen).argmax(1, keepdim=True)
    return torch.zeros_like(chosen).scatter_(1, best, value=True)
