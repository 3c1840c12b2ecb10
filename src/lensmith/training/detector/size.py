"""Chooses the size of a detector: as set, or as the training device can afford."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.domain.detector_size import DetectorSize
from lensmith.training.backbone import BackboneName
from lensmith.training.device import compute_device
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


def detector_scale(settings: TrainingSettings) -> DetectorScale:
    """The size in the settings; otherwise large on a GPU, small on a CPU."""
    return SCALES[settings.detector_size or _affordable()]


def _affordable() -> DetectorSize:
    on_gpu = compute_device().type == "cuda"
    return DetectorSize.LARGE if on_gpu else DetectorSize.SMALL
