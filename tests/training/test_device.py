from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

import torch

from lensmith.training.device import Machine, this_machine


@dataclass(frozen=True)
class Reported:
    """CUDA as a driver may report it."""

    available: bool
    native_bf16: bool = False

    def is_available(self) -> bool:
        return self.available

    def is_bf16_supported(self, including_emulation: bool = True) -> bool:
        return self.native_bf16 or including_emulation


def test_the_processor_computes_in_full_precision() -> None:
    machine = this_machine(Reported(available=False))
    assert machine.device == torch.device("cpu")
    assert isinstance(machine.mixed_precision(), nullcontext)


def test_a_cuda_device_is_taken_where_there_is_one() -> None:
    machine = this_machine(Reported(available=True, native_bf16=True))
    assert (machine.device.type, machine.autocast) == ("cuda", torch.bfloat16)


def test_a_device_that_emulates_bfloat16_computes_in_full_precision() -> None:
    machine = this_machine(Reported(available=True))
    assert machine.device.type == "cuda"
    assert isinstance(machine.mixed_precision(), nullcontext)


def test_mixed_precision_is_autocast_of_the_device() -> None:
    precision = Machine(torch.device("cpu"), torch.bfloat16).mixed_precision()
    assert isinstance(precision, torch.autocast)
    assert (precision.device, precision.fast_dtype) == ("cpu", torch.bfloat16)
