"""Object detectors of `transformers` in an exportable graph."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from lensmith.inference.preprocess import Size
from lensmith.training.detector.assignment import GroundTruthBoxes
from lensmith.training.detector.served import MIN_SCORE, UNCALIBRATED
from lensmith.training.hub.backbone import Normalising
from lensmith.training.hub.pixels import ExpectedPixels


class HubDetector(nn.Module):
    """A model of AutoModelForObjectDetection with its normalisation.

    It returns what a served detector returns; `loss` is the model's own. Norms keep the statistics
    of the pretraining: those of a handful of pictures are worse.
    """

    def __init__(
        self, name: str, network: nn.Module, pixels: ExpectedPixels, input_size: Size, labels: int
    ) -> None:
        super().__init__()
        self.name = name
        self.input_size = input_size  # width, height
        self.labels = labels
        self.calibration = UNCALIBRATED  # of the scores that it is served with
        self._network = network
        self._normalised = Normalising(pixels)
        self.eval()

    def train(self, mode: bool = True) -> HubDetector:
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Compute boxes [n, q, 4] in fractions, scores [n, q, labels] of uint8 [n, h, w, 3]."""
        answer = self._network(pixel_values=self._normalised(images))
        centres, sides = answer.pred_boxes[..., :2], answer.pred_boxes[..., 2:]
        corners = torch.cat([centres - sides / 2, centres + sides / 2], -1)
        logits = _probabilities(answer.logits, self.labels).logit(eps=MIN_SCORE)
        scores = (self.calibration.slope * logits + self.calibration.offset).sigmoid()
        return corners.clamp(0, 1), scores

    def loss(self, images: Tensor, truth: GroundTruthBoxes) -> Tensor:
        """Compute the loss of images uint8 [n, h, w, 3] and boxes, on the model's device."""
        height, width = images.shape[1:3]
        answer = self._network(
            pixel_values=self._normalised(images), labels=_targets(truth, (width, height))
        )
        return answer.loss  # type: ignore[no-any-return]

    def parts(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Return trainable parameters: of the pretrained backbone, and of everything after it."""
        of_backbone: list[nn.Parameter] = []
        others: list[nn.Parameter] = []
        for name, parameter in self._network.named_parameters():
            if parameter.requires_grad:
                (of_backbone if "backbone" in name else others).append(parameter)
        return of_backbone, others


def _probabilities(logits: Tensor, labels: int) -> Tensor:
    """Apply softmax if labels have a column more (DETR's "no object"), else sigmoid."""
    if logits.shape[-1] == labels + 1:
        return logits.softmax(-1)[..., :-1]
    return logits.sigmoid()


def _targets(truth: GroundTruthBoxes, size: Size) -> list[dict[str, Tensor]]:
    """Convert to centre, width and height in fractions, the format of `transformers`."""
    scale = truth.boxes.new_tensor([*size, *size])
    targets: list[dict[str, Any]] = []
    for boxes, labels in zip(truth.boxes, truth.labels, strict=True):
        corners = boxes[labels >= 0] / scale
        start, end = corners[:, :2], corners[:, 2:]
        centred = torch.cat([(start + end) / 2, end - start], 1)
        targets.append({"class_labels": labels[labels >= 0].long(), "boxes": centred})
    return targets
