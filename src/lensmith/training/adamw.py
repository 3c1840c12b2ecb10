"""AdamW (Loshchilov and Hutter, 2019) by PyTorch's kernels, without its optimiser class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw as adamw_step

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


class ParameterGroup(TypedDict):
    """Parameters that learn alike."""

    params: list[nn.Parameter]
    base_lr: float
    lr: float
    weight_decay: float


@dataclass(frozen=True, slots=True)
class _Moments:
    """Moments of one parameter's gradients."""

    first: Tensor
    second: Tensor
    steps: Tensor


class AdamW:
    """Gives the same numbers as `torch.optim.AdamW`.

    Making and stepping that one imports PyTorch's compiler, a second of every training's process.
    """

    def __init__(self, groups: Sequence[ParameterGroup]) -> None:
        self.param_groups = list(groups)
        self._moments: dict[nn.Parameter, _Moments] = {}
        parameters = [each for group in groups for each in group["params"]]
        # On CUDA PyTorch has its own default.
        self._fused = all(each.device.type == "cpu" for each in parameters) or None

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Take one step down the gradients; parameters without one stay."""
        for group in self.param_groups:
            learnt = [each for each in group["params"] if each.grad is not None]
            moments = [self._moments_of(each) for each in learnt]
            adamw_step(
                list(learnt),
                [each.grad for each in learnt if each.grad is not None],
                [one.first for one in moments],
                [one.second for one in moments],
                [],
                [one.steps for one in moments],
                fused=self._fused,
                amsgrad=False,
                beta1=BETA1,
                beta2=BETA2,
                lr=group["lr"],
                weight_decay=group["weight_decay"],
                eps=EPSILON,
                maximize=False,
            )

    def _moments_of(self, parameter: nn.Parameter) -> _Moments:
        found = self._moments.get(parameter)
        if found is None:
            device = parameter.device if self._fused else torch.device("cpu")
            found = _Moments(
                torch.zeros_like(parameter),
                torch.zeros_like(parameter),
                torch.zeros((), device=device),
            )
            self._moments[parameter] = found
        return found
