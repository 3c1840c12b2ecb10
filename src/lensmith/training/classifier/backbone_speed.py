"""Measures the speed of backbones on this machine."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from lensmith.training.classifier.network import FeatureExtractor
from lensmith.training.device import device_of

_TRIES, _BATCH = 3, 4


@dataclass(frozen=True, slots=True)
class MeasuredBackbone:
    extractor: FeatureExtractor
    seconds: float  # of a forward pass, a picture


def measured(extractors: Sequence[FeatureExtractor]) -> list[MeasuredBackbone]:
    return [MeasuredBackbone(extractor, _seconds(extractor)) for extractor in extractors]


@torch.no_grad()
def _seconds(extractor: FeatureExtractor) -> float:
    """Measure the seconds a picture: the best of some tries on blank pictures."""
    width, height = extractor.input_size
    pictures = torch.from_numpy(np.zeros((_BATCH, height, width, 3), np.uint8))
    pictures = pictures.to(device_of(extractor))
    times = []
    for _ in range(_TRIES):
        began = time.monotonic()
        float(extractor(pictures).sum())  # waits for the device
        times.append(time.monotonic() - began)
    return min(times) / _BATCH
