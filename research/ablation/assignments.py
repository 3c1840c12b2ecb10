"""Other rules for which predictions answer for which box, in the place of `assign`."""

from __future__ import annotations

import torch
from torch import Tensor

from lensmith.training.detector.assignment import GroundTruthBoxes, Targets, box_iou
from lensmith.training.detector.network import STRIDES

CENTRE_STRIDES = 2.5  # from a box's centre to the points that may answer for it
LEVEL_CELLS = (4.0, 8.0)  # a level's boxes have sides between these numbers of its cells
SIMOTA_OVERLAPS = 10  # of the best, whose sum says how many predictions answer
OVERLAP_COST = 3.0
OUTSIDE_COST = 1e5
FOUND_OVERLAP, FOUND_SCORE = 0.6, 0.5


@torch.no_grad()
def centre_sampling(
    scores: Tensor, boxes: Tensor, points: Tensor, truth: GroundTruthBoxes
) -> Targets:
    """Points near the centre answer, on the level that suits the box's size (as FCOS does).

    Shapes are those of `lensmith.training.detector.assignment.assign`.
    """
    strides = strides_of(points)  # [a]
    cells = _sides(truth.boxes)[..., None] / strides  # [n, g, a]
    finest, coarsest = strides == min(STRIDES), strides == max(STRIDES)
    suited = ((cells >= LEVEL_CELLS[0]) | finest) & ((cells < LEVEL_CELLS[1]) | coarsest)
    chosen = _near_centre(points, truth.boxes, strides) & suited & _real(truth)
    # Where boxes share a point the smaller is the harder to see: it has the point.
    areas = _sides(truth.boxes)[..., None].square() + torch.where(chosen, 0.0, 1e9)
    chosen &= areas == areas.amin(1, keepdim=True)
    return _targets(scores, boxes, truth, chosen)


@torch.no_grad()
def simota(scores: Tensor, boxes: Tensor, points: Tensor, truth: GroundTruthBoxes) -> Targets:
    """The cheapest predictions answer, as many as overlaps add up to (as YOLOX does)."""
    overlaps = box_iou(truth.boxes, boxes)  # [n, g, a]
    own = _own_scores(scores, truth).clamp(1e-6, 1 - 1e-6)
    near = _near_centre(points, truth.boxes, strides_of(points))
    allowed = (near | _inside(points, truth.boxes)) & _real(truth)
    cost = -own.log() - OVERLAP_COST * overlaps.clamp(min=1e-8).log() + OUTSIDE_COST * ~near
    cost = cost.masked_fill(~allowed, 1e9)
    counts = (overlaps * allowed).topk(SIMOTA_OVERLAPS).values.sum(-1).int().clamp(min=1)
    ranks = cost.argsort(-1).argsort(-1)
    chosen = (ranks < counts[..., None]) & allowed
    cheapest = cost.masked_fill(~chosen, 1e9)
    chosen &= cheapest == cheapest.amin(1, keepdim=True)
    return _targets(scores, boxes, truth, chosen)


def strides_of(points: Tensor) -> Tensor:
    """The stride of each point's grid, whose points lie half a stride off its multiples: [a]."""
    strides = torch.zeros(len(points), device=points.device)
    for stride in STRIDES:
        strides[points[:, 0] % stride == stride / 2] = stride
    return strides


def _targets(scores: Tensor, boxes: Tensor, truth: GroundTruthBoxes, chosen: Tensor) -> Targets:
    """Build targets whose quality is the overlap of each chosen prediction."""
    overlaps = box_iou(truth.boxes, boxes)
    quality, owner = (overlaps * chosen).max(1)  # [n, a]
    found = (overlaps >= FOUND_OVERLAP) & (_own_scores(scores, truth) >= FOUND_SCORE)
    real = truth.labels >= 0
    return Targets(
        labels=truth.labels.clamp(min=0).gather(1, owner),
        boxes=truth.boxes.gather(1, owner[..., None].expand(-1, -1, 4)),
        quality=quality,
        recall=((found & chosen).any(-1) & real).sum() / real.sum().clamp(min=1),
    )


def _own_scores(scores: Tensor, truth: GroundTruthBoxes) -> Tensor:
    index = truth.labels.clamp(min=0)[:, :, None].expand(-1, -1, scores.shape[1])
    return scores.transpose(1, 2).gather(1, index)


def _near_centre(points: Tensor, boxes: Tensor, strides: Tensor) -> Tensor:
    centres = (boxes[..., :2] + boxes[..., 2:]) / 2
    apart = (points - centres[:, :, None]).abs().amax(-1)  # [n, g, a]
    return apart < CENTRE_STRIDES * strides


def _inside(points: Tensor, boxes: Tensor) -> Tensor:
    after = points > boxes[:, :, None, :2]
    return (after & (points < boxes[:, :, None, 2:])).all(-1)


def _sides(boxes: Tensor) -> Tensor:
    """Root of the areas, [n, g]."""
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1).sqrt()


def _real(truth: GroundTruthBoxes) -> Tensor:
    return (truth.labels >= 0)[..., None]
