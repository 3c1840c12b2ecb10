from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from lensmith.training.backbone import ConvNorm
from lensmith.training.folded_conv import folded_conv

GEOMETRIES = [  # inputs, outputs, kernel, stride, padding, groups, linear
    (8, 12, 1, 1, 0, 1, True),
    (8, 12, 3, 1, 1, 1, False),
    (8, 8, 3, 2, 0, 8, False),
    (8, 8, 5, 1, 2, 8, False),
    (8, 8, 5, 2, 0, 8, True),
]


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_gradients_are_autograd_s(geometry: tuple[int, int, int, int, int, int, bool]) -> None:
    inputs, outputs, kernel, stride, padding, groups, linear = geometry
    torch.manual_seed(0)
    x = torch.randn(2, inputs, 13, 11).to(memory_format=torch.channels_last)
    weight, bias = torch.randn(outputs, inputs // groups, kernel, kernel), torch.randn(outputs)
    ours = [one.clone().requires_grad_() for one in (x, weight, bias)]
    theirs = [one.clone().requires_grad_() for one in (x, weight, bias)]
    y = folded_conv(
        ours[0],
        ours[1],
        ours[2],
        stride=stride,
        padding=padding,
        groups=groups,
        linear=linear,
    )
    expected = functional.conv2d(theirs[0], theirs[1], theirs[2], stride, padding, 1, groups)
    expected = expected if linear else functional.relu6(expected)
    torch.testing.assert_close(y, expected)
    weights = torch.randn_like(expected)
    (y * weights).sum().backward()  # type: ignore[no-untyped-call]
    (expected * weights).sum().backward()  # type: ignore[no-untyped-call]
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine.grad, other.grad, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (3, 2), (5, 2)])
def test_a_norm_with_fixed_statistics_learns_as_apart(kernel: int, stride: int) -> None:
    """What is folded in training has the answer and the gradients of convolution, then norm."""
    torch.manual_seed(0)
    layer = ConvNorm(6, 6, kernel, stride, depthwise=kernel > 1).eval()
    norm = layer.norm
    assert isinstance(norm, nn.BatchNorm2d)
    for values in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
        assert values is not None
        nn.init.uniform_(values, 0.5, 1.5)
    x = torch.randn(2, 6, 12, 8)
    folded = _gradients(layer, layer(x))
    with torch.no_grad():
        torch.testing.assert_close(layer(x), functional.relu6(_apart(layer, norm, x)))
    apart = _gradients(layer, functional.relu6(_apart(layer, norm, x)))
    for mine, other in zip(folded, apart, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-4)


def _apart(layer: ConvNorm, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    kernel, stride = layer.conv.kernel_size[0], layer.conv.stride[0]
    if stride > 1:  # of even sides one side has the larger half
        x = functional.pad(x, ((kernel - 2) // 2, (kernel - 1) // 2) * 2)
    y: Tensor = norm(layer.conv(x))
    return y


def _gradients(layer: ConvNorm, y: Tensor) -> list[Tensor]:
    layer.zero_grad()
    y.square().sum().backward()  # type: ignore[no-untyped-call]
    return [one.grad.clone() for one in layer.parameters() if one.grad is not None]
