"""How long a training may take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

MIN_SECONDS, MAX_SECONDS = 60.0, 1200.0  # of a training that nobody limits
SAFETY_FACTOR = 2.0  # for a machine that turns out busier than it was when measured
MAX_KEPT_FRACTION = 0.25  # of a budget, for what comes after the learning


@dataclass(frozen=True, slots=True)
class TimeBudget:
    """Seconds that a training may take; a guard, so that its clock does not shape the model."""

    seconds: float
    began: float  # on the clock
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def of(cls, wanted: float | None, expected: float, began: float) -> TimeBudget:
        """What somebody wanted, or from what the plan is expected to take on this machine."""
        return cls(wanted or min(_with_safety(expected), MAX_SECONDS), began)

    def beyond(self, expected: float) -> float:
        """Seconds that a plan leaves to others; none where nobody wanted a larger budget."""
        return max(self.seconds - _with_safety(expected), 0.0)

    @classmethod
    def from_now(cls, seconds: float) -> Self:
        """So many seconds that begin at this moment."""
        return cls(seconds, time.monotonic())

    def keeping(self, seconds: float) -> Self:
        """The budget of what comes before: so much is kept for the ending, a quarter at most."""
        return replace(self, seconds=self.seconds - min(seconds, MAX_KEPT_FRACTION * self.seconds))

    @property
    def left(self) -> float:
        return max(self.began + self.seconds - self.clock(), 0.0)


def _with_safety(expected: float) -> float:
    return max(SAFETY_FACTOR * expected, MIN_SECONDS)
