"""The detector as it is served: pixels in, fractions of the frame out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from lensmith.inference.preprocess import Size
from lensmith.training.backbone import normalised
from lensmith.training.detector.calibration import BoxCalibration
from lensmith.training.detector.network import Detector, Predictions

UNCALIBRATED = BoxCalibration()
SMALLEST_SCORE = 1e-6  # that has a logarithm
STEEPNESS = 5.0  # of what is found at half the size: below four fifths of the share it is nothing


class ServedDetector(nn.Module):
    """A detector with its frame and what its scores mean.

    With `half_share` it looks at the frame at half its size, too, and takes from there what fills
    at least so much of the frame's longer side: things may then be twice as large as any that the
    detector has learnt. Sides must be multiples of 64 for it.
    """

    frame: Tensor

    def __init__(
        self,
        detector: Detector,
        frame: Size,
        calibration: BoxCalibration = UNCALIBRATED,
        half_share: float | None = None,
    ) -> None:
        super().__init__()
        self.detector = detector
        self.calibration = calibration
        self.half_share = half_share
        self.register_buffer("frame", torch.tensor([*frame, *frame], dtype=torch.float32))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """uint8 [n, h, w, 3] to boxes [n, a, 4] in fractions and scores [n, a, labels]."""
        frames = normalised(images)
        predicted = self.detector(frames)
        boxes, scores = self._boxes(predicted), predicted.scores
        if self.half_share is not None:
            halved = self.detector(functional.avg_pool2d(frames, 2))
            large = self._boxes(halved, 2)
            sides = (large[..., 2:] - large[..., :2]).amax(-1, keepdim=True)
            # A ramp: rounding in another runtime must not decide what counts.
            fills = ((sides / self.half_share - 1) * STEEPNESS + 1).clamp(0, 1)
            boxes = torch.cat([boxes, large], 1)
            scores = torch.cat([scores, halved.scores * fills], 1)
        logits = scores.logit(eps=SMALLEST_SCORE)
        return boxes, (self.calibration.slope * logits + self.calibration.offset).sigmoid()

    def _boxes(self, predicted: Predictions, scale: int = 1) -> Tensor:
        """Fractions of the frame that was `scale` times as large."""
        return (predicted.boxes * scale / self.frame).clamp(0, 1)
