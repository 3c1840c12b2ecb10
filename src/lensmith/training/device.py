"""What computes: a CUDA device when there is one, the processor otherwise."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch


def compute_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def mixed_precision() -> AbstractContextManager[object]:
    """bfloat16 where it is faster: on CUDA devices that have it, and do not only emulate it.

    On the measured processors it gains nothing.
    """
    if compute_device().type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.autocast("cuda", torch.bfloat16)
    return nullcontext()
