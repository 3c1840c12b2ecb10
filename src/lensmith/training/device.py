"""Describes what a training runs on: CUDA if available, otherwise the CPU."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

import torch


class Cuda(Protocol):
    """Reports what the CUDA devices can do, as `torch.cuda` does."""

    def is_available(self) -> bool: ...

    def is_bf16_supported(self, including_emulation: bool = True) -> bool: ...


@dataclass(frozen=True, slots=True)
class Machine:
    """Device, precision and clock of a training."""

    device: torch.device
    autocast: torch.dtype | None = None  # of mixed precision; None: full precision
    clock: Callable[[], float] = time.monotonic

    def mixed_precision(self) -> AbstractContextManager[object]:
        """Enter autocast while a network runs forward."""
        if self.autocast is None:
            return nullcontext()
        return torch.autocast(self.device.type, self.autocast)


def this_machine(cuda: Cuda = torch.cuda) -> Machine:
    """Choose CUDA if available; bfloat16 only where it is native.

    It gains nothing on the CPUs that were measured.
    """
    if not cuda.is_available():
        return Machine(torch.device("cpu"))
    native = cuda.is_bf16_supported(including_emulation=False)
    return Machine(torch.device("cuda"), torch.bfloat16 if native else None)


class Network(Protocol):
    """A network, as far as its device can be asked for."""

    def parameters(self) -> Iterator[torch.nn.Parameter]: ...


def device_of(network: Network) -> torch.device:
    """Return the device of the network's parameters; the CPU where it has none."""
    return next((each.device for each in network.parameters()), torch.device("cpu"))
