"""The detector as it is served: pixels in, boxes in fractions and calibrated scores out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from lensmith.inference.preprocess import Size
from lensmith.training.backbone import normalised
from lensmith.training.detector.calibration import BoxCalibration
from lensmith.training.detector.network import Detector, Predictions

UNCALIBRATED = BoxCalibration()
MIN_SCORE = 1e-6  # that has a logarithm
STEEPNESS = 5.0  # of the ramp at half size: scores are 0 below four fifths of the fraction


class ServedDetector(nn.Module):
    """A detector that returns boxes in fractions and calibrated scores.

    With `half_size_fraction` it also runs on the input at half its size and keeps boxes whose
    longer side is at least this fraction of the input's: it then finds objects twice as large as
    those it was trained on. Sides must be multiples of 64 for it.
    """

    input_size: Tensor  # [4] width, height, width, height

    def __init__(
        self,
        detector: Detector,
        input_size: Size,
        calibration: BoxCalibration = UNCALIBRATED,
        half_size_fraction: float | None = None,
    ) -> None:
        super().__init__()
        self.detector = detector
        self.calibration = calibration
        self.half_size_fraction = half_size_fraction
        self.register_buffer(
            "input_size", torch.tensor([*input_size, *input_size], dtype=torch.float32)
        )

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Compute boxes [n, a, 4] in fractions, scores [n, a, labels] of uint8 [n, h, w, 3]."""
        normalised_images = normalised(images)
        predicted = self.detector(normalised_images)
        boxes, scores = self._boxes(predicted), predicted.scores
        if self.half_size_fraction is not None:
            halved = self.detector(functional.avg_pool2d(normalised_images, 2))
            large = self._boxes(halved, 2)
            sides = (large[..., 2:] - large[..., :2]).amax(-1, keepdim=True)
            # A ramp: rounding in another runtime must not decide what counts.
            fills = ((sides / self.half_size_fraction - 1) * STEEPNESS + 1).clamp(0, 1)
            boxes = torch.cat([boxes, large], 1)
            scores = torch.cat([scores, halved.scores * fills], 1)
        logits = scores.logit(eps=MIN_SCORE)
        return boxes, (self.calibration.slope * logits + self.calibration.offset).sigmoid()

    def _boxes(self, predicted: Predictions, scale: int = 1) -> Tensor:
        """Convert boxes to fractions of an input `scale` times as large."""
        return (predicted.boxes * scale / self.input_size).clamp(0, 1)
