"""What a detector's mistakes cost."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from lensmith.training.detector.assignment import Targets, box_areas
from lensmith.training.detector.network import Predictions

NEGATIVE_WEIGHT, NEGATIVE_FOCUS = 0.75, 2.0


def detection_loss(predicted: Predictions, targets: Targets, box_weight: float) -> Tensor:
    """Mean cost of each thing to find."""
    objectness = targets.quality.sum().clamp(min=1.0)
    objectness_loss = varifocal_loss(predicted.objectness, targets.quality).sum()
    answering = targets.quality > 0
    quality = targets.quality[answering]
    box_loss = diou_loss(predicted.boxes[answering], targets.boxes[answering])
    class_loss = functional.cross_entropy(
        predicted.labels[answering], targets.labels[answering], reduction="none"
    )
    return (objectness_loss + (quality * (box_weight * box_loss + class_loss)).sum()) / objectness


def varifocal_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Cross entropy that dwells on good matches and on background mistaken with confidence."""
    scores = logits.detach().sigmoid()
    background = NEGATIVE_WEIGHT * scores**NEGATIVE_FOCUS
    weights = torch.where(wanted > 0, wanted, background)
    return weights * functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")


def diou_loss(boxes: Tensor, wanted: Tensor) -> Tensor:
    """1 - IoU, plus how far the centres are apart relative to the box around both: [k]."""
    corner = torch.maximum(boxes[:, :2], wanted[:, :2])
    opposite = torch.minimum(boxes[:, 2:], wanted[:, 2:])
    shared = (opposite - corner).clamp(min=0).prod(-1)
    overlap = shared / (box_areas(boxes) + box_areas(wanted) - shared).clamp(min=1e-6)
    around = torch.maximum(boxes[:, 2:], wanted[:, 2:]) - torch.minimum(boxes[:, :2], wanted[:, :2])
    apart = (boxes[:, :2] + boxes[:, 2:] - wanted[:, :2] - wanted[:, 2:]) / 2
    distance = apart.square().sum(-1) / around.square().sum(-1).clamp(min=1e-6)
    return 1 - overlap + distance
