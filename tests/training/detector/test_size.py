"""A GPU trains a larger detector; whoever runs Lensmith may say otherwise."""

from __future__ import annotations

import pytest
import torch

from lensmith.domain.detector_size import DetectorSize
from lensmith.training.detector.size import SCALES, detector_scale
from lensmith.training.settings import TrainingSettings


@pytest.mark.parametrize(
    ("device", "size"), [("cpu", DetectorSize.SMALL), ("cuda", DetectorSize.LARGE)]
)
def test_the_device_that_trains_decides(device: str, size: DetectorSize) -> None:
    assert detector_scale(TrainingSettings(), torch.device(device)) == SCALES[size]


@pytest.mark.parametrize("size", DetectorSize)
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_what_somebody_asked_for_counts(device: str, size: DetectorSize) -> None:
    assert (
        detector_scale(TrainingSettings(detector_size=size), torch.device(device)) == SCALES[size]
    )
