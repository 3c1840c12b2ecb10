from __future__ import annotations

import pytest

from lensmith.domain.policy.lazy_context import LazyContext
from lensmith.domain.policy.wildcard import Context


def test_keys_are_found_once_and_only_when_one_is_asked_for() -> None:
    calls: list[None] = []

    def find() -> Context:
        calls.append(None)
        return {"aws:securetransport": ("true",)}

    context = LazyContext(find)
    assert not calls
    assert context.get("aws:securetransport") == ("true",)
    assert context.get("aws:referer") is None
    assert (list(context), len(context)) == (["aws:securetransport"], 1)
    assert len(calls) == 1


def test_a_fault_while_keys_are_found_is_no_absent_key() -> None:
    def find() -> Context:
        raise KeyError("aws:sourceip")

    context = LazyContext(find)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="condition keys"):
            context.get("aws:sourceip")
