"""The detector's network: backbone, path-aggregation FPN, one decoupled head for all levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from lensmith.training.backbone import ConvNorm, EfficientNetLite, PyramidStart, fold_norms
from lensmith.training.threads import ALONE, Call, ComputeThreads

CHANNELS = 96
STRIDES = (8, 16, 32)
FIRST_SCORE_LOGIT = -4.6  # about 0.01: nearly every prediction is background


class PathAggregationFPN(nn.Module):
    """Path aggregation network (Liu et al., 2018): a top-down, then a bottom-up path."""

    def __init__(self, inputs: list[int]) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(ConvNorm(channels, CHANNELS) for channels in inputs)
        self.finer = nn.ModuleList(ConvNorm(CHANNELS, CHANNELS, 3) for _ in inputs[1:])
        self.down = nn.ModuleList(ConvNorm(CHANNELS, CHANNELS, 3, 2) for _ in inputs[1:])
        self.coarser = nn.ModuleList(ConvNorm(CHANNELS, CHANNELS, 3) for _ in inputs[1:])

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        """Compute maps at each stride, finest first, from such maps; out with 96 channels each."""
        maps = [lateral(level) for lateral, level in zip(self.lateral, maps, strict=True)]
        for index in reversed(range(len(maps) - 1)):
            above = functional.interpolate(maps[index + 1], scale_factor=2.0, mode="nearest")
            maps[index] = self.finer[index](maps[index] + above)
        for index in range(len(maps) - 1):
            below = self.down[index](maps[index])
            maps[index + 1] = self.coarser[index](maps[index + 1] + below)
        return maps


class SharedConv(nn.Module):
    """One convolution for all levels, with batch norms of its own at each."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(CHANNELS) for _ in STRIDES)

    def forward(self, x: Tensor, level: int) -> Tensor:
        x = self.norms[level](self.conv(x))
        return functional.relu6(x, inplace=not torch.is_grad_enabled())  # autograd would copy it


class PointwiseConv(nn.Conv2d):
    """1 x 1 convolution to few channels."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Multiply matrices in training: the convolution's gradient takes 5 times as long."""
        if not self.training:
            return super().forward(x)
        y = functional.linear(x.permute(0, 2, 3, 1), self.weight.flatten(1), self.bias)
        return y.permute(0, 3, 1, 2)


class Head(nn.Module):
    """Decoupled head (YOLOX, Ge et al., 2021), its weights shared by all levels.

    One branch classifies; the other regresses boxes and objectness.
    """

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.cls_branch = nn.ModuleList(SharedConv() for _ in range(2))
        self.reg_branch = nn.ModuleList(SharedConv() for _ in range(2))
        self.label = PointwiseConv(CHANNELS, labels)
        self.box: nn.Conv2d = PointwiseConv(CHANNELS, 4)
        self.objectness = PointwiseConv(CHANNELS, 1)
        for layer in (self.label, self.box, self.objectness):
            nn.init.zeros_(_bias(layer))
            nn.init.normal_(layer.weight, std=0.01)
        nn.init.constant_(_bias(self.objectness), FIRST_SCORE_LOGIT)

    def forward(
        self, maps: Sequence[Tensor], threads: ComputeThreads = ALONE
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Compute logits of objectness [n, a, 1], labels [n, a, l], log distances [n, a, 4]."""
        calls = [
            Call(partial(branch, level=level), x)
            for level, x in enumerate(maps)
            for branch in (self.classified, self.located)
        ]
        answers = threads.answers(calls, self.parameters())
        objectness, distances = zip(*answers[1::2], strict=True)
        return (
            torch.cat(objectness, 1),
            torch.cat([x for (x,) in answers[::2]], 1),
            torch.cat(distances, 1),
        )

    def classified(self, x: Tensor, level: int) -> tuple[Tensor]:
        """Compute logits of labels [n, p, l] at the `p` points of a level."""
        for conv in self.cls_branch:
            x = conv(x, level)
        return (_at_points(self.label(x)),)

    def located(self, x: Tensor, level: int) -> tuple[Tensor, Tensor]:
        """Compute logits of objectness [n, p, 1] and log distances [n, p, 4] of a level."""
        for conv in self.reg_branch:
            x = conv(x, level)
        return _at_points(self.objectness(x)), _at_points(self.box(x))


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions at the `a` points of `n` images."""

    objectness: Tensor  # [n, a] logits
    labels: Tensor  # [n, a, labels] logits
    boxes: Tensor  # [n, a, 4] left, top, right, bottom in pixels of the input

    @property
    def scores(self) -> Tensor:
        """[n, a, labels] in 0..1."""
        return self.objectness.sigmoid()[..., None] * self.labels.softmax(-1)


class Detector(nn.Module):
    """Anchor-free detector (FCOS, Tian et al., 2019): distances to box sides at each grid point.

    The network predicts the logarithm of each distance relative to the level's prior, the usual
    half side of the boxes assigned to the level: even the first predictions overlap.
    """

    priors: Tensor  # [levels, 2] half a width and half a height, in pixels

    def __init__(self, backbone: EfficientNetLite, labels: int, priors: Tensor) -> None:
        super().__init__()
        self.backbone = backbone
        self.pyramid = PathAggregationFPN(backbone.pyramid_channels)
        self.head = Head(labels)
        self.register_buffer("priors", priors)

    def forward(self, x: Tensor) -> Predictions:
        """Predict from normalised images [n, 3, h, w], whose sides are multiples of 32."""
        return self.from_maps(self.backbone.pyramid(x))

    def from_start(self, start: PyramidStart, threads: ComputeThreads = ALONE) -> Predictions:
        """Predict from what the first stages of the backbone made of normalised images.

        Norms of the pyramid and the head see the whole batch: threads share the head's branches.
        """

        def rest(x: Tensor) -> tuple[Tensor, ...]:
            return tuple(self.backbone.rest_of_pyramid(PyramidStart(start.stages, x)))

        maps = threads.split(rest, start.x, self.backbone.parameters())
        return self.from_maps([*start.maps, *maps], threads)

    def from_maps(
        self, backbone_maps: list[Tensor], threads: ComputeThreads = ALONE
    ) -> Predictions:
        """Predict from the maps of the backbone at stride 8, 16 and 32."""
        maps = self.pyramid(backbone_maps)
        objectness, labels, distances = (one.float() for one in self.head(maps, threads))
        distances = distances.clamp(-4, 4).exp()
        points, scales = self._points_and_scales(maps[0])
        corner = points - distances[..., :2] * scales
        opposite = points + distances[..., 2:] * scales
        return Predictions(objectness[..., 0], labels, torch.cat([corner, opposite], -1))

    def _points_and_scales(self, finest: Tensor) -> tuple[Tensor, Tensor]:
        """Return the point of each prediction and the prior of its level: [a, 2] each."""
        sides = int(finest.shape[-1]) * STRIDES[0], int(finest.shape[-2]) * STRIDES[0]
        grids = grids_of(sides, finest.device)
        scales = [
            prior.expand(len(grid), 2) for prior, grid in zip(self.priors, grids, strict=True)
        ]
        return torch.cat(grids), torch.cat(scales)

    def freeze(self, stages: int) -> None:
        """Freeze the stem and the first `stages` stages."""
        for part in (self.backbone.stem, *self.backbone.stages[:stages]):
            fold_norms(part)
            part.requires_grad_(requires_grad=False)

    def train(self, mode: bool = True) -> Self:
        """Keep ImageNet's statistics in the backbone: batches are too small for new ones."""
        super().train(mode)
        self.backbone.eval()
        return self


def grids_of(input_size: tuple[int, int], device: torch.device) -> list[Tensor]:
    """Return the points of each level, finest first: [h * w, 2] x, y in pixels of the input."""
    return [_grid(input_size, stride, device) for stride in STRIDES]


def _grid(input_size: tuple[int, int], stride: int, device: torch.device) -> Tensor:
    """Compute the centres of the cells of one level, row by row: [h * w, 2]."""
    xs = (torch.arange(input_size[0] // stride, device=device) + 0.5) * stride
    ys = (torch.arange(input_size[1] // stride, device=device) + 0.5) * stride
    rows, columns = torch.meshgrid(ys, xs, indexing="ij")
    return torch.stack([columns, rows], -1).flatten(0, 1)


def _at_points(x: Tensor) -> Tensor:
    """Reorder [n, c, h, w] to [n, h * w, c]."""
    return x.flatten(2).transpose(1, 2)


def _bias(layer: nn.Conv2d) -> Tensor:
    assert layer.bias is not None
    return layer.bias
