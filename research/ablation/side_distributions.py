"""Where each side of a box is as a distribution, in the place of one distance (as in GFL)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from lensmith.training.backbone import EfficientNetLite
from lensmith.training.detector.assignment import Targets
from lensmith.training.detector.loss import detection_loss
from lensmith.training.detector.network import CHANNELS, STRIDES, Detector, Predictions, grids_of
from lensmith.training.detector.pretrained import load_start
from lensmith.training.threads import ALONE, ComputeThreads

BINS = 16  # a side is 0, 1, ... 15 strides of its level away from the point
USUAL_STRIDES = 2.5  # from a point to a side before anything is learnt: half of CELLS_A_SIDE
WEIGHT = 0.4  # of the focal loss; to the overlap's as in YOLOv8 (1.5 to 7.5)


@dataclass(frozen=True, slots=True)
class SpreadPredictions(Predictions):
    """Boxes with the distributions whose means they are."""

    sides: Tensor  # [n, a, 4, BINS] logits; left, top, right, bottom
    points: Tensor  # [a, 2]
    strides: Tensor  # [a, 1]


class SpreadDetector(Detector):
    """Its head answers `BINS` logits a side; the priors of the levels go unused."""

    bins: Tensor  # [BINS]

    def __init__(self, backbone: EfficientNetLite, labels: int, priors: Tensor) -> None:
        super().__init__(backbone, labels, priors)
        self.head.box = nn.Conv2d(CHANNELS, 4 * BINS, 1)
        nn.init.normal_(self.head.box.weight, std=0.01)
        nearness = -(torch.arange(BINS) - USUAL_STRIDES).square() / 2
        self.head.box.bias = nn.Parameter(nearness.repeat(4))
        self.register_buffer("bins", torch.arange(BINS, dtype=torch.float32))

    def from_maps(
        self, backbone_maps: list[Tensor], threads: ComputeThreads = ALONE
    ) -> SpreadPredictions:
        maps = self.pyramid(backbone_maps)
        objectness, labels, sides = (one.float() for one in self.head(maps, threads))
        sides = sides.view(*sides.shape[:2], 4, BINS)
        points, strides = _points_and_strides(maps[0])
        distances = (sides.softmax(-1) * self.bins).sum(-1) * strides
        boxes = torch.cat([points - distances[..., :2], points + distances[..., 2:]], -1)
        return SpreadPredictions(objectness[..., 0], labels, boxes, sides, points, strides)


def load_start_but_sides(network: SpreadDetector, file: Path) -> None:
    """The bundled start for all but the last layer of the box path, which it knows otherwise."""
    own, network.head.box = network.head.box, nn.Conv2d(CHANNELS, 4, 1)
    load_start(network, file)
    network.head.box = own


def loss_with_distributions(
    predicted: SpreadPredictions, targets: Targets, box_weight: float
) -> Tensor:
    """In the place of `detection_loss`: what says where the sides are is judged too."""
    answering = targets.quality > 0
    quality = targets.quality[answering]
    wanted = wanted_strides(targets.boxes, predicted.points, predicted.strides)[answering]
    blurred = distribution_focal_loss(predicted.sides[answering], wanted)
    spread = (quality * blurred).sum() / targets.quality.sum().clamp(min=1.0)
    return detection_loss(predicted, targets, box_weight) + WEIGHT * spread


def distribution_focal_loss(sides: Tensor, wanted: Tensor) -> Tensor:
    """Cross entropy with the two bins next to the truth: [k] of [k, 4, BINS] and [k, 4]."""
    nearer = wanted.floor()
    logs = sides.log_softmax(-1)
    of_nearer = logs.gather(-1, nearer.long()[..., None])[..., 0]
    of_farther = logs.gather(-1, nearer.long()[..., None] + 1)[..., 0]
    share = wanted - nearer
    return -((1 - share) * of_nearer + share * of_farther).mean(-1)


def wanted_strides(boxes: Tensor, points: Tensor, strides: Tensor) -> Tensor:
    """How many strides [n, a, 4] each side is away, as far as the bins reach."""
    distances = torch.cat([points - boxes[..., :2], boxes[..., 2:] - points], -1)
    return (distances / strides).clamp(0, BINS - 1.01)


def _points_and_strides(finest: Tensor) -> tuple[Tensor, Tensor]:
    sides = int(finest.shape[-1]) * STRIDES[0], int(finest.shape[-2]) * STRIDES[0]
    grids = grids_of(sides, finest.device)
    strides = [
        points.new_full((len(points), 1), stride)
        for points, stride in zip(grids, STRIDES, strict=True)
    ]
    return torch.cat(grids), torch.cat(strides)
