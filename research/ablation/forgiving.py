"""A score loss for pictures in which things may lack a label."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from lensmith.training.detector.loss import NEGATIVE_FOCUS, NEGATIVE_WEIGHT

DOUBT = 0.5  # score from which background may be an object without a label


def forgiving_varifocal_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """In the place of `varifocal_loss`: the surer the network, the less background is believed."""
    scores = logits.detach().sigmoid()
    belief = ((1 - scores) / (1 - DOUBT)).clamp(max=1)
    background = NEGATIVE_WEIGHT * scores**NEGATIVE_FOCUS * belief
    weights = torch.where(wanted > 0, wanted, background)
    return weights * functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
