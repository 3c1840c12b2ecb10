"""Chooses the size of a detector: as set, or as the training device can afford."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lensmith.domain.detector_size import DetectorSize
from lensmith.training.backbone import BackboneName
from lensmith.training.device import this_machine
from lensmith.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class DetectorScale:
    """Parts of a recipe that do not depend on the pictures."""

    backbone: BackboneName
    batch: int
    sharpness: float  # scale of input sides, relative to a small detector


SCALES = {
    DetectorSize.SMALL: DetectorScale(BackboneName.LITE0, batch=4, sharpness=1.0),
    DetectorSize.LARGE: DetectorScale(BackboneName.LITE2, batch=8, sharpness=4 / 3),
}


def detector_scale(settings: TrainingSettings, device: torch.device | None = None) -> DetectorScale:
    """Choose the size in the settings; otherwise large on a GPU, small on a CPU."""
    return SCALES[settings.detector_size or _affordable(device or this_machine().device)]


def _affordable(device: torch.device) -> DetectorSize:
    return DetectorSize.LARGE if device.type == "cuda" else DetectorSize.SMALL
