"""A convolution with bias and ReLU6, with gradients that are fast on a processor.

PyTorch's own gradient copies the output before an activation in place, and its library for
processors, oneDNN, takes ten times as long for weights of depthwise kernels wider than 3.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

MAX_WIDTH = 3  # of a depthwise kernel whose gradient oneDNN computes fast


def convolved(
    x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int, groups: int
) -> Tensor:
    """Convolve without a gradient.

    By oneDNN on a single thread, too, where PyTorch's own kernels for 1 x 1 take longer.
    """
    is_float = x.dtype is torch.float32 and x.device.type == "cpu"
    if is_float and torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return torch.mkldnn_convolution(
            x, weight, bias, [padding] * 2, [stride] * 2, [1, 1], groups
        )
    return functional.conv2d(x, weight, bias, stride, padding, 1, groups)


def conv_with_fixed_norm(
    conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor, *, linear: bool
) -> Tensor:
    """Convolve with the norm's fixed statistics in the weights, through which the norm learns.

    A norm of its own would read and write the whole output, forward and backward.
    """
    assert norm.running_mean is not None
    assert norm.running_var is not None
    weight, bias = _FoldedNorm.apply(  # type: ignore[no-untyped-call]
        conv.weight,
        norm.weight,
        norm.bias,
        norm.running_mean,
        (norm.running_var + norm.eps).rsqrt(),
    )
    return folded_conv(
        x,
        weight,
        bias,
        stride=conv.stride[0],
        padding=int(conv.padding[0]),
        groups=conv.groups,
        linear=linear,
    )


def folded_conv(
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    *,
    stride: int,
    padding: int,
    groups: int,
    linear: bool,
) -> Tensor:
    """Convolve and add the bias, then ReLU6 unless `linear`."""
    if x.device.type != "cpu" or torch.is_autocast_enabled("cpu"):
        y = functional.conv2d(x, weight, bias, stride, padding, 1, groups)
        return y if linear else functional.relu6(y)
    fast: Tensor = _FoldedConv.apply(x, weight, bias, stride, padding, groups, linear)  # type: ignore[no-untyped-call]
    return fast


class _FoldedNorm(torch.autograd.Function):
    """Folds a norm into weights; its gradient is one step instead of a dozen short ones."""

    @staticmethod
    def forward(
        ctx: Any, weight: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, inverse_std: Tensor
    ) -> tuple[Tensor, Tensor]:
        scale = gamma * inverse_std
        ctx.save_for_backward(weight, scale, mean, inverse_std)
        return weight * scale[:, None, None, None], beta - mean * scale

    @staticmethod
    def backward(ctx: Any, of_weight: Tensor, of_bias: Tensor) -> Any:
        weight, scale, mean, inverse_std = ctx.saved_tensors
        of_scale = (of_weight * weight).sum((1, 2, 3)) - of_bias * mean
        return of_weight * scale[:, None, None, None], of_scale * inverse_std, of_bias, None, None


class _FoldedConv(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor,
        stride: int,
        padding: int,
        groups: int,
        linear: bool,
    ) -> Tensor:
        y = convolved(x, weight, bias, stride, padding, groups)
        if not linear:
            functional.relu6(y, inplace=True)
        ctx.save_for_backward(x, weight, None if linear else y)
        ctx.stride, ctx.padding, ctx.groups = stride, padding, groups
        return y

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        x, weight, y = ctx.saved_tensors
        if y is not None:
            gradient = torch.ops.aten.hardtanh_backward(gradient, y, 0.0, 6.0)
        geometry = ctx.stride, (ctx.padding, ctx.padding), ctx.groups
        of_x, of_weight = ctx.needs_input_grad[:2]
        wide = of_weight and ctx.groups > 1 and weight.shape[3] > MAX_WIDTH
        x_gradient, weight_gradient = _gradients(
            x, weight, gradient, *geometry, of_x=of_x, of_weight=of_weight and not wide
        )
        if wide:
            weight_gradient = _of_wide_weight(x, weight, gradient, ctx.stride, ctx.padding)
        return x_gradient, weight_gradient, gradient.sum((0, 2, 3)), None, None, None, None


def _of_wide_weight(
    x: Tensor, weight: Tensor, gradient: Tensor, stride: int, padding: int
) -> Tensor:
    """Compute the gradient of a depthwise kernel, at most 6 wide, from two parts of it."""
    padded = functional.pad(x, (padding, padding, 0, 0))
    columns = stride * (gradient.shape[3] - 1) + MAX_WIDTH  # of the input that a part reads
    total = weight.new_empty(weight.shape)
    for first in (0, weight.shape[3] - MAX_WIDTH):
        part = slice(first, first + MAX_WIDTH)
        seen = padded[..., first : first + columns].contiguous(memory_format=torch.channels_last)
        _, total[..., part] = _gradients(
            seen, weight[..., part], gradient, stride, (padding, 0), len(weight), of_weight=True
        )
    return total


def _gradients(
    x: Tensor,
    weight: Tensor,
    gradient: Tensor,
    stride: int,
    padding: tuple[int, int],
    groups: int,
    *,
    of_x: bool = False,
    of_weight: bool,
) -> tuple[Tensor, Tensor]:
    """Compute the gradients of the convolution by its input and weights, where they are wanted."""
    wanted = [of_x, of_weight, False]
    # A kernel of 1 x 1 has nothing to dilate, but PyTorch leaves dilated ones to oneDNN on a single
    # thread, too, where its own take twice as long.
    dilation = [2, 2] if tuple(weight.shape[2:]) == (1, 1) else [1, 1]
    strides, no_padding = [stride] * 2, [0, 0]
    of_input, of_weights, _ = torch.ops.aten.convolution_backward(
        gradient, x, weight, None, strides, padding, dilation, False, no_padding, groups, wanted
    )
    return of_input, of_weights
