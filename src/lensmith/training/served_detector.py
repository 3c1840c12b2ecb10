"""The detector as it is served: pixels in, fractions of the frame out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lensmith.inference.preprocess import Size
from lensmith.training.backbone import normalised
from lensmith.training.box_calibration import BoxCalibration
from lensmith.training.detector_network import Detector

UNCALIBRATED = BoxCalibration()
SMALLEST_SCORE = 1e-6  # that has a logarithm


class ServedDetector(nn.Module):
    """A detector with its frame and what its scores mean."""

    def __init__(
        self, detector: Detector, frame: Size, calibration: BoxCalibration = UNCALIBRATED
    ) -> None:
        super().__init__()
        self.detector = detector
        self.calibration = calibration
        self.register_buffer("frame", torch.tensor([*frame, *frame], dtype=torch.float32))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """uint8 [n, h, w, 3] to boxes [n, a, 4] in fractions and scores [n, a, labels]."""
        predicted = self.detector(normalised(images))
        logits = predicted.scores.logit(eps=SMALLEST_SCORE)
        scores = (self.calibration.slope * logits + self.calibration.offset).sigmoid()
        return (predicted.boxes / self.frame).clamp(0, 1), scores
