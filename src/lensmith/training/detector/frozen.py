"""Runs the frozen stages of a detector's backbone apart from those that learn."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn import functional

from lensmith.training.backbone import ConvNorm, PyramidStart, fold_norms, normalised
from lensmith.training.data.prefetch import BatchSource
from lensmith.training.detector.assignment import GroundTruthBoxes
from lensmith.training.detector.network import Detector
from lensmith.training.device import Machine
from lensmith.training.folded_conv import convolved


class FrozenConv(nn.Module):
    """A folded convolution with its activation, for even sides where its stride is 2.

    Uneven padding is a row and a column of zeros in the kernel, so that no input is copied.
    """

    def __init__(self, folded: ConvNorm) -> None:
        super().__init__()
        conv = folded.conv
        assert conv.bias is not None
        kernel, self.stride, self.groups = conv.kernel_size[0], conv.stride[0], conv.groups
        self.padding, self.linear = kernel // 2, folded.linear
        weight = functional.pad(conv.weight, (1, 0, 1, 0)) if self.stride > 1 else conv.weight
        self.weight = nn.Buffer(weight.detach().contiguous(memory_format=torch.channels_last))
        self.bias = nn.Buffer(conv.bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        y = convolved(x, self.weight, self.bias, self.stride, self.padding, self.groups)
        return y if self.linear else functional.relu6(y, inplace=True)


class FrozenStages:
    """A copy of the stem and the first stages, which another thread may run.

    Sides of images must be multiples of 32.
    """

    def __init__(self, network: Detector, stages: int, machine: Machine) -> None:
        self._backbone = deepcopy(network.backbone)
        del self._backbone.stages[stages:]
        fold_norms(self._backbone)
        for module in list(self._backbone.modules()):
            for name, part in module.named_children():
                if isinstance(part, ConvNorm):
                    setattr(module, name, FrozenConv(part))
        self._stages = stages
        self._machine = machine

    @torch.no_grad()
    def __call__(self, images: Tensor) -> PyramidStart:
        """Compute the start of the pyramid of uint8 [n, h, w, 3]."""
        with self._machine.mixed_precision():
            x = normalised(images.to(self._machine.device))
            return self._backbone.start_of_pyramid(x, self._stages)


class StartedBatches:
    """Batches whose images have been through the frozen stages."""

    def __init__(
        self, batches: BatchSource[tuple[Tensor, GroundTruthBoxes]], frozen: FrozenStages
    ) -> None:
        self._batches = batches
        self._frozen = frozen

    def batch(self, size: int, mosaic: float) -> tuple[PyramidStart, GroundTruthBoxes]:
        """Return the start of the pyramid of the next images, and their boxes."""
        images, truth = self._batches.batch(size, mosaic)
        return self._frozen(images), truth
