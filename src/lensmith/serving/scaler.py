"""Decides how many units a model should have; pure, so that load traces can test it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

SAMPLE_SECONDS = 0.5
QUIET_SECONDS = 60.0
"""Seconds of low demand before units go."""

_RISE_SAMPLES = 4
_TOLERATED_BACKLOG = 0.25  # average backlog, in units, that does not trigger scale-out


@dataclass(frozen=True, slots=True)
class Sample:
    at: float  # seconds, monotonic
    demand: float  # mean number of units that the active requests would fill


@dataclass(frozen=True, slots=True)
class UnitRange:
    """Least and greatest number of units of a model."""

    minimum: int
    maximum: int

    @classmethod
    def of(cls, minimum: int | None, maximum: int | None) -> Self:
        """Make a range from StartProjectVersion's parameters; no maximum: fixed at the minimum."""
        at_least = max(minimum or 1, 1)
        return cls(at_least, max(maximum or at_least, at_least))


def desired_units(samples: Sequence[Sample], current: int, allowed: UnitRange) -> int:
    """Return the number of units wanted now.

    `samples` cover the last QUIET_SECONDS in order of time. Waiting requests count like those
    being served, so demand itself is the number of busy units. Scales up within two seconds,
    down after a minute of low demand.
    """
    rising = _units_for(samples[-_RISE_SAMPLES:])
    falling = min(current, _units_for_peak(samples)) if _cover_quiet(samples) else current
    return min(max(rising, falling, allowed.minimum), allowed.maximum)


def is_idle_long_enough(idle_seconds: float, idle_stop_seconds: float) -> bool:
    """Return whether an idle model may scale to zero; never when `idle_stop_seconds` is 0."""
    return 0 < idle_stop_seconds <= idle_seconds


def recent(samples: Sequence[Sample], now: float) -> list[Sample]:
    """Return the samples of the last QUIET_SECONDS."""
    return [sample for sample in samples if now - sample.at <= QUIET_SECONDS]


def _units_for(samples: Sequence[Sample]) -> int:
    if not samples:
        return 0
    demand = sum(sample.demand for sample in samples) / len(samples)
    return math.ceil(demand - _TOLERATED_BACKLOG)


def _units_for_peak(samples: Sequence[Sample]) -> int:
    """Return the units that the highest demand needed: they would only have to start again."""
    starts = range(max(len(samples) - _RISE_SAMPLES, 0) + 1)
    return max(_units_for(samples[start : start + _RISE_SAMPLES]) for start in starts)


def _cover_quiet(samples: Sequence[Sample]) -> bool:
    return bool(samples) and samples[-1].at - samples[0].at >= QUIET_SECONDS - 2 * SAMPLE_SECONDS
