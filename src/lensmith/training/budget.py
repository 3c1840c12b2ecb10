"""Time budgets of trainings."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

MIN_SECONDS, MAX_SECONDS = 60.0, 1200.0  # of a training without a requested budget
SAFETY_FACTOR = 2.0  # for a machine that turns out busier than it was when measured
MAX_KEPT_FRACTION = 0.25  # of a budget, for what comes after the learning


@dataclass(frozen=True, slots=True)
class TimeBudget:
    """Limits the seconds of a training. Only a guard: recipes count iterations, not seconds."""

    seconds: float
    began: float  # on the clock
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def of(
        cls,
        wanted: float | None,
        expected: float,
        began: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> TimeBudget:
        """Return the requested budget, or one derived from the expected seconds."""
        return cls(wanted or min(_with_safety(expected), MAX_SECONDS), began, clock)

    def beyond(self, expected: float) -> float:
        """Return the seconds left beside `expected` ones; 0 without a larger budget."""
        return max(self.seconds - _with_safety(expected), 0.0)

    @classmethod
    def from_now(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Self:
        """Begin a budget of `seconds` now."""
        return cls(seconds, clock(), clock)

    def keeping(self, seconds: float) -> Self:
        """Reserve `seconds` for the end, a quarter of the budget at most; return the rest."""
        return replace(self, seconds=self.seconds - min(seconds, MAX_KEPT_FRACTION * self.seconds))

    @property
    def left(self) -> float:
        return max(self.began + self.seconds - self.clock(), 0.0)


def _with_safety(expected: float) -> float:
    return max(SAFETY_FACTOR * expected, MIN_SECONDS)
