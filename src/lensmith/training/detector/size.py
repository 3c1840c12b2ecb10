"""How large a detector is: as the device that trains it can afford, unless somebody says."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.domain.detector_size import DetectorSize
from lensmith.training.backbone import BackboneName
from lensmith.training.device import compute_device
from lensmith.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class DetectorScale:
    """What of a recipe does not depend on the pictures."""

    backbone: BackboneName
    batch: int
    sharpness: float  # sides of frames, relative to what small detectors have


SCALES = {
    DetectorSize.SMALL: DetectorScale(BackboneName.LITE0, batch=4, sharpness=1.0),
    DetectorSize.LARGE: DetectorScale(BackboneName.LITE2, batch=8, sharpness=4 / 3),
}


def detector_scale(settings: TrainingSettings) -> DetectorScale:
    """As the settings say; otherwise large on a GPU, small on a processor."""
    return SCALES[settings.detector_size or _affordable()]


def _affordable() -> DetectorSize:
    on_gpu = compute_device().type == "cuda"
    return DetectorSize.LARGE if on_gpu else DetectorSize.SMALL
