"""Runs parts of a network in threads of their own, forward and backward.

Threads that share each operation wait for each other at each of hundreds; parts meet once a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import torch
from torch import Tensor, nn

from lensmith.training.device import Machine

T = TypeVar("T")
Answer = TypeVar("Answer")
PartOfNetwork = Callable[[Tensor], tuple[Tensor, ...]]


@dataclass(frozen=True, slots=True)
class Call:
    """A part of a network, and its input."""

    part: PartOfNetwork
    x: Tensor


class ComputeThreads:
    """`count` threads that compute calls side by side, each operation on `cores` cores.

    What they answer depends on the calls and on these numbers alone: gradients are added in the
    order of the calls. With `count` 1 there are no threads.
    """

    def __init__(self, count: int = 1, cores: int = 1) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(
            count,
            thread_name_prefix="network",
            initializer=torch.set_num_threads,
            initargs=(cores,),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown()

    def each(self, function: Callable[[T], Answer], items: Sequence[T]) -> list[Answer]:
        """Return the answers for all items, in their order."""
        compute = map if self.count == 1 else self._pool.map
        return list(compute(function, items))

    def answers(
        self, calls: Sequence[Call], parameters: Iterable[nn.Parameter]
    ) -> list[tuple[Tensor, ...]]:
        """Return the answer of each call; `parameters` are those of all the parts."""
        if self.count == 1 or not torch.is_grad_enabled():
            return [call.part(call.x) for call in calls]
        learnt = [each for each in parameters if each.requires_grad]
        pass_ = _Pass(self._pool, [call.part for call in calls])
        flat = iter(_InThreads.apply(pass_, *(call.x for call in calls), *learnt))  # type: ignore[no-untyped-call]
        return [tuple(next(flat) for _ in range(outputs)) for outputs in pass_.outputs]

    def split(
        self, part: PartOfNetwork, x: Tensor, parameters: Iterable[nn.Parameter]
    ) -> tuple[Tensor, ...]:
        """Return the answers of `part`, of whose batch [n, ...] each thread computes a share.

        No picture's answer may depend on the others': no norm may compute statistics.
        """
        if self.count == 1:
            return part(x)
        answers = self.answers([Call(part, share) for share in x.chunk(self.count)], parameters)
        return tuple(torch.cat(shares) for shares in zip(*answers, strict=True))


ALONE = ComputeThreads()


def compute_threads(machine: Machine) -> ComputeThreads:
    """Return two threads for the cores of a processor; none for one core, a GPU or autocast.

    Two, because a detector's head has two branches, and each share of a batch packs all weights.
    """
    on_cpu = machine.device.type == "cpu" and machine.autocast is None
    cores = torch.get_num_threads() if on_cpu else 1
    return ComputeThreads(2, cores // 2) if cores > 1 else ComputeThreads()


class _Pass:
    """The graphs of all parts, which end at their inputs and at the parameters."""

    def __init__(self, pool: ThreadPoolExecutor, parts: Sequence[PartOfNetwork]) -> None:
        self._pool = pool
        self._parts = parts
        self._graphs: list[tuple[Tensor, tuple[Tensor, ...]]] = []

    @property
    def outputs(self) -> list[int]:
        """Count the outputs of each part."""
        return [len(outputs) for _, outputs in self._graphs]

    def forward(self, inputs: Sequence[Tensor]) -> list[tuple[Tensor, bool]]:
        """Return the outputs of all parts, and whether they have gradients."""
        self._graphs = list(self._pool.map(_forward, self._parts, inputs))
        outputs = [each for _, own in self._graphs for each in own]
        return [(each.detach(), each.requires_grad) for each in outputs]

    def backward(
        self, gradients: Sequence[Tensor], parameters: Sequence[Tensor]
    ) -> list[Tensor | None]:
        """Return the gradients of all inputs, then of the parameters."""
        flat = iter(gradients)
        own = [[next(flat) for _ in range(outputs)] for outputs in self.outputs]
        found = list(self._pool.map(_backward, self._graphs, own, [parameters] * len(own)))
        self._graphs = []
        of_parameters = found[0][1:]
        for _, *more in found[1:]:
            of_parameters = _added(of_parameters, more)
        return [of_input for of_input, *_ in found] + of_parameters


class _InThreads(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, pass_: _Pass, *tensors: Tensor) -> tuple[Tensor, ...]:
        ctx.parts = len(pass_._parts)
        ctx.save_for_backward(*tensors[ctx.parts :])
        ctx.pass_ = pass_
        answers = pass_.forward(tensors[: ctx.parts])
        ctx.mark_non_differentiable(*(one for one, is_learnt in answers if not is_learnt))
        return tuple(one for one, _ in answers)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return None, *ctx.pass_.backward(gradients, ctx.saved_tensors)


def _forward(part: PartOfNetwork, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    start = x.detach().requires_grad_(x.requires_grad)
    with torch.enable_grad():
        return start, part(start)


def _backward(
    graph: tuple[Tensor, tuple[Tensor, ...]],
    gradients: Sequence[Tensor],
    parameters: Sequence[Tensor],
) -> list[Tensor | None]:
    """Return the gradients of a part's input, then of the parameters; None of what it lacks."""
    start, outputs = graph
    learnt = [(each, of) for each, of in zip(outputs, gradients, strict=True) if each.requires_grad]
    inputs = [start, *parameters] if start.requires_grad else parameters
    found = torch.autograd.grad(
        [each for each, _ in learnt], inputs, [of for _, of in learnt], allow_unused=True
    )
    return list(found) if start.requires_grad else [None, *found]


def _added(left: list[Tensor | None], right: list[Tensor | None]) -> list[Tensor | None]:
    """Add what both have; what one has alone is as it is."""
    pairs = list(zip(left, right, strict=True))
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    sums = iter(torch._foreach_add([a for a, _ in both], [b for _, b in both]) if both else ())
    return [
        next(sums) if a is not None and b is not None else b if a is None else a for a, b in pairs
    ]
