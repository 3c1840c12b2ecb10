"""Other costs of a misplaced box, in the place of `distance_overlap_loss`."""

from __future__ import annotations

import torch
from torch import Tensor

from lensmith.training.detector.assignment import box_areas


def overlap_loss(boxes: Tensor, wanted: Tensor) -> Tensor:
    """1 - IoU of each pair: [k]."""
    shared = _shared(boxes, wanted)
    return 1 - shared / (box_areas(boxes) + box_areas(wanted) - shared).clamp(min=1e-6)


def generalised_overlap_loss(boxes: Tensor, wanted: Tensor) -> Tensor:
    """1 - GIoU: also how much of the box around both belongs to neither."""
    together = (box_areas(boxes) + box_areas(wanted) - _shared(boxes, wanted)).clamp(min=1e-6)
    corner = torch.minimum(boxes[:, :2], wanted[:, :2])
    around = (torch.maximum(boxes[:, 2:], wanted[:, 2:]) - corner).prod(-1).clamp(min=1e-6)
    return overlap_loss(boxes, wanted) + (around - together) / around


def _shared(boxes: Tensor, wanted: Tensor) -> Tensor:
    corner = torch.maximum(boxes[:, :2], wanted[:, :2])
    opposite = torch.minimum(boxes[:, 2:], wanted[:, 2:])
    return (opposite - corner).clamp(min=0).prod(-1)
