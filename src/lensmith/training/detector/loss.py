"""Detection loss: objectness (varifocal) + boxes (DIoU) + classes (cross entropy)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from lensmith.training.detector.assignment import Targets, box_areas
from lensmith.training.detector.network import Predictions

NEGATIVE_WEIGHT, NEGATIVE_FOCUS = 0.75, 2.0


def detection_loss(predicted: Predictions, targets: Targets, box_weight: float) -> Tensor:
    """Sum the three losses, divided by the total target quality."""
    objectness = targets.quality.sum().clamp(min=1.0)
    objectness_loss = varifocal_loss(predicted.objectness, targets.quality).sum()
    positive = targets.quality > 0
    quality = targets.quality[positive]
    box_loss = diou_loss(predicted.boxes[positive], targets.boxes[positive])
    class_loss = functional.cross_entropy(
        predicted.labels[positive], targets.labels[positive], reduction="none"
    )
    return (objectness_loss + (quality * (box_weight * box_loss + class_loss)).sum()) / objectness


def varifocal_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Compute the varifocal loss (Zhang et al., 2021), weighted by target quality or by score."""
    scores = logits.detach().sigmoid()
    background = NEGATIVE_WEIGHT * scores**NEGATIVE_FOCUS
    weights = torch.where(wanted > 0, wanted, background)
    return weights * functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")


def diou_loss(boxes: Tensor, wanted: Tensor) -> Tensor:
    """Compute the distance-IoU loss (Zheng et al., 2020) of boxes [k, 4]: [k]."""
    corner = torch.maximum(boxes[:, :2], wanted[:, :2])
    opposite = torch.minimum(boxes[:, 2:], wanted[:, 2:])
    shared = (opposite - corner).clamp(min=0).prod(-1)
    overlap = shared / (box_areas(boxes) + box_areas(wanted) - shared).clamp(min=1e-6)
    around = torch.maximum(boxes[:, 2:], wanted[:, 2:]) - torch.minimum(boxes[:, :2], wanted[:, :2])
    apart = (boxes[:, :2] + boxes[:, 2:] - wanted[:, :2] - wanted[:, 2:]) / 2
    distance = apart.square().sum(-1) / around.square().sum(-1).clamp(min=1e-6)
    return 1 - overlap + distance
