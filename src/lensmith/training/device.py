"""Chooses the compute device: CUDA if available, otherwise the CPU."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch


def compute_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def mixed_precision() -> AbstractContextManager[object]:
    """Autocast to bfloat16 on CUDA devices that support it natively.

    It gains nothing on the CPUs that were measured.
    """
    if compute_device().type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.autocast("cuda", torch.bfloat16)
    return nullcontext()
