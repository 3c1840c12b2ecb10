"""Optimisation that all trainings share: AdamW groups, learning-rate factors, EMA, divergence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from functools import partial
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grads_with_norm_, get_total_norm
from torch.optim.swa_utils import get_ema_multi_avg_fn

from lensmith.training.adamw import AdamW, ParameterGroup
from lensmith.training.errors import DivergedError
from lensmith.training.threads import ALONE, ComputeThreads

LOSS_SMOOTHING = 0.97  # of the loss and the recall that are reported and acted upon
EMA_ITERATIONS = 60  # that the averaged network looks back on
MAX_GRADIENT_NORM = 10.0
REPORT_EVERY = 5
FINAL_LR_FACTOR = 0.02  # fraction of the base learning rate at the end

NetworkT = TypeVar("NetworkT", bound=nn.Module)
Part = tuple[Iterable[nn.Parameter], float]
"""Parameters with their base learning rate."""


class ExponentialMovingAverage:
    """Averages a stream of values, unbiased from the first one on (Adam, Kingma and Ba, 2015)."""

    def __init__(self) -> None:
        self._sum = self._weight = 0.0

    def add(self, value: float) -> None:
        self._sum = LOSS_SMOOTHING * self._sum + (1 - LOSS_SMOOTHING) * value
        self._weight = LOSS_SMOOTHING * self._weight + (1 - LOSS_SMOOTHING)

    @property
    def value(self) -> float:
        return self._sum / self._weight if self._weight else 0.0


def warm_ema_weight(step: int) -> float:
    """Weight of the latest network after `step` iterations, from 1; larger early on."""
    return max(1 / EMA_ITERATIONS, 9 / (9 + step))


class Optimisation(Generic[NetworkT]):
    """Optimises a network by AdamW with clipped gradients, and averages its weights.

    Each of `threads` updates its share of the parameters. `average` is in evaluation mode; `loss`
    is smoothed.
    """

    def __init__(
        self,
        network: NetworkT,
        parts: Iterable[Part],
        weight_decay: float,
        *,
        max_gradient_norm: float = MAX_GRADIENT_NORM,
        ema_weight: Callable[[int], float] = warm_ema_weight,
        threads: ComputeThreads = ALONE,
    ) -> None:
        self.average = deepcopy(network).eval()
        self.loss = ExponentialMovingAverage()
        self.steps = 0
        self._network = network
        whole = [(list(parameters), base_lr) for parameters, base_lr in parts]
        self._shares = [
            adamw(
                [(each[first :: threads.count], base_lr) for each, base_lr in whole], weight_decay
            )
            for first in range(threads.count)
        ]
        self._threads = threads
        self._max_gradient_norm = max_gradient_norm
        self._ema_weight = ema_weight

    def step(self, loss: Tensor, lr_factor: float) -> None:
        """Take one step down the gradient of `loss`; raises DivergedError if it is not finite."""
        for share in self._shares:
            share.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norms = self._threads.each(_gradient_norm, self._shares)
        norm = torch.linalg.vector_norm(torch.stack(norms))
        self._threads.each(partial(self._update, norm=norm, lr_factor=lr_factor), self._shares)
        self.steps += 1
        update_ema(self.average, self._network, self._ema_weight(self.steps), self._threads)
        value = loss.item()  # only now: it waits for the device
        if not math.isfinite(value):
            raise DivergedError(self.steps)
        self.loss.add(value)

    def _update(self, share: AdamW, norm: Tensor, lr_factor: float) -> None:
        clip_grads_with_norm_(_learnt(share), self._max_gradient_norm, norm, foreach=True)
        for group in share.param_groups:
            group["lr"] = group["base_lr"] * lr_factor
        share.step()


def _learnt(share: AdamW) -> list[nn.Parameter]:
    return [each for group in share.param_groups for each in group["params"]]


def _gradient_norm(share: AdamW) -> Tensor:
    return get_total_norm(
        [one.grad for one in _learnt(share) if one.grad is not None], foreach=True
    )


def adamw(parts: Iterable[Part], weight_decay: float) -> AdamW:
    """Build AdamW; norms and biases do not decay."""
    groups: list[ParameterGroup] = []
    for parameters, base_lr in parts:
        trainable = [parameter for parameter in parameters if parameter.requires_grad]
        matrices = [parameter for parameter in trainable if parameter.dim() > 1]
        vectors = [parameter for parameter in trainable if parameter.dim() <= 1]
        for group, decay in ((matrices, weight_decay), (vectors, 0.0)):
            groups.append(
                ParameterGroup(params=group, base_lr=base_lr, lr=base_lr, weight_decay=decay)
            )
    return AdamW(groups)


@torch.no_grad()
def update_ema(
    average: nn.Module, network: nn.Module, weight: float, threads: ComputeThreads = ALONE
) -> None:
    """Move the averaged weights and statistics towards the latest ones.

    Not torch's AveragedModel: that one copies the first network and averages either no statistics
    of norms or even their counters, which are other models than those that the recipes were
    measured with.
    """
    pairs = list(zip(_changing(average), _changing(network), strict=True))
    floats = [pair for pair in pairs if pair[0].is_floating_point()]
    counters = [pair for pair in pairs if not pair[0].is_floating_point()]
    move = get_ema_multi_avg_fn(1 - weight)  # type: ignore[no-untyped-call]

    def move_share(share: Sequence[tuple[Tensor, Tensor]]) -> None:
        move([mean for mean, _ in share], [latest for _, latest in share], None)

    threads.each(move_share, [floats[first :: threads.count] for first in range(threads.count)])
    for mean, latest in counters:
        mean.copy_(latest)


def _changing(network: nn.Module) -> Iterator[Tensor]:
    """Yield the parameters that are learnt, and the buffers."""
    yield from (each for each in network.parameters() if each.requires_grad)
    yield from network.buffers()


def cosine_factor(angle: float) -> float:
    """Compute cosine decay (SGDR, Loshchilov and Hutter, 2017), for an angle from 0 to pi."""
    return FINAL_LR_FACTOR + (1 - FINAL_LR_FACTOR) * (1 + math.cos(angle)) / 2


def warmup_cosine(step: int, iterations: int, warmup: int) -> float:
    """Compute the learning rate relative to the base rate: linear warm-up, then cosine decay."""
    return min(1.0, step / warmup) * cosine_factor(math.pi * step / iterations)


def is_reported(step: int, end: int) -> bool:
    """Return whether a loop tells its progress after this step: the first, every fifth, the last.

    On a slow machine five steps take ten seconds.
    """
    return step in (1, end) or step % REPORT_EVERY == 0
