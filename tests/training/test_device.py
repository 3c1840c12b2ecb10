from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch

from lensmith.training.device import compute_device, mixed_precision


def test_the_processor_computes_in_full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert compute_device() == torch.device("cpu")
    assert isinstance(mixed_precision(), nullcontext)


def test_a_cuda_device_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: True)
    assert compute_device().type == "cuda"
    precision = mixed_precision()
    assert isinstance(precision, torch.autocast)
    assert (precision.device, precision.fast_dtype) == ("cuda", torch.bfloat16)


def test_a_device_that_emulates_bfloat16_computes_in_full_precision(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda including_emulation=True: including_emulation
    )
    assert compute_device().type == "cuda"
    assert isinstance(mixed_precision(), nullcontext)
