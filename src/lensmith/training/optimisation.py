"""Optimisation that every training shares: schedule of the rate, average, smoothed loss."""

from __future__ import annotations

import math

import torch
from torch import nn

LOSS_SMOOTHING = 0.97  # of the loss and the recall that are reported and acted upon
EMA_ITERATIONS = 60  # that the averaged network looks back on
MAX_GRADIENT_NORM = 10.0
REPORT_EVERY = 5
FINAL_LR_FACTOR = 0.02  # fraction of the base rate at the end


class ExponentialMovingAverage:
    """A running mean that forgets, without a bias at its start."""

    def __init__(self) -> None:
        self._sum = self._weight = 0.0

    def add(self, value: float) -> None:
        self._sum = LOSS_SMOOTHING * self._sum + (1 - LOSS_SMOOTHING) * value
        self._weight = LOSS_SMOOTHING * self._weight + (1 - LOSS_SMOOTHING)

    @property
    def value(self) -> float:
        return self._sum / self._weight if self._weight else 0.0


@torch.no_grad()
def update_ema(average: nn.Module, network: nn.Module, step: int) -> None:
    """Move the averaged network towards the one that learns; early on it looks back less."""
    weight = max(1 / EMA_ITERATIONS, 9 / (9 + step))
    for mean, latest in zip(
        average.state_dict().values(), network.state_dict().values(), strict=True
    ):
        if mean.is_floating_point():
            mean.lerp_(latest, weight)
        else:
            mean.copy_(latest)


def warmup_cosine(step: int, iterations: int, warmup: int) -> float:
    """Of the full rate: up during `warmup`, then down along a cosine."""
    falling = (1 + math.cos(math.pi * step / iterations)) / 2
    return min(1.0, step / warmup) * (FINAL_LR_FACTOR + (1 - FINAL_LR_FACTOR) * falling)
