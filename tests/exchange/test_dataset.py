"""Request bodies of an update."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lensmith.exchange.dataset import CHANGES_BYTES, bodies


@given(st.lists(st.integers(1, 100_000), max_size=150))
@settings(max_examples=20, deadline=None)
def test_bodies_hold_all_lines_and_stay_below_5_mb(sizes: list[int]) -> None:
    lines = [b"x" * (size - 1) + b"\n" for size in sizes]
    packed = list(bodies(lines))
    assert b"".join(packed) == b"".join(lines)
    assert all(0 < len(body) < CHANGES_BYTES for body in packed)
    assert len(packed) <= 1 + sum(sizes) // (CHANGES_BYTES - 100_000)
