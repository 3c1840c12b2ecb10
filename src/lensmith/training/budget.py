"""How long a training may take, and what its steps are expected to take on this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
import torch

from lensmith.training.classifier_network import FeatureExtractor
from lensmith.training.device import compute_device

LONGEST_SECONDS = 1200.0  # that a training takes unless somebody allows more
_TRIES, _BATCH = 3, 4


@dataclass(frozen=True, slots=True)
class TimeBudget:
    """Seconds that a training may take, from its beginning; only its guard, never its clock."""

    seconds: float
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, wanted: float | None) -> TimeBudget:
        return cls(wanted or LONGEST_SECONDS)

    @property
    def left(self) -> float:
        return self.began + self.seconds - time.monotonic()


@torch.no_grad()
def seconds_per_picture(extractor: FeatureExtractor) -> float:
    """Of one pass through the network on this machine now: the best of some tries."""
    width, height = extractor.frame
    pictures = torch.from_numpy(np.zeros((_BATCH, height, width, 3), np.uint8))
    pictures = pictures.to(compute_device())
    times = []
    for _ in range(_TRIES):
        began = time.monotonic()
        float(extractor(pictures).sum())  # waits for the device
        times.append(time.monotonic() - began)
    return min(times) / _BATCH
