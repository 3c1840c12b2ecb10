"""How many units a model should have; pure, so that load traces can test it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

SAMPLE_SECONDS = 0.5
QUIET_SECONDS = 60.0
"""Demand must have been low for so long before units go."""

_RISE_SAMPLES = 4
_TOLERATED_WAITING = 0.25  # of a unit, on average; so much calls for no further one


@dataclass(frozen=True, slots=True)
class Sample:
    at: float  # seconds, monotonic
    demand: float  # mean number of units that the requests served or waiting would fill


@dataclass(frozen=True, slots=True)
class UnitRange:
    """Between what the units of a model may move."""

    minimum: int
    maximum: int

    @classmethod
    def of(cls, minimum: int | None, maximum: int | None) -> Self:
        """What StartProjectVersion was told; without a maximum units stay at the minimum."""
        least = max(minimum or 1, 1)
        return cls(least, max(maximum or least, least))


def desired_units(samples: Sequence[Sample], current: int, allowed: UnitRange) -> int:
    """Units wanted now, from samples of the last QUIET_SECONDS in order of time.

    Requests that wait count as those that are served, so demand itself says how many units
    would be busy. Up within two seconds, down after a minute of quiet.
    """
    rising = _units_for(samples[-_RISE_SAMPLES:])
    falling = min(current, _units_for_peak(samples)) if _cover_quiet(samples) else current
    return min(max(rising, falling, allowed.minimum), allowed.maximum)


def may_rest(idle_seconds: float, idle_stop_seconds: float) -> bool:
    """Whether a model that nobody asked for so long needs no unit; 0 `idle_stop_seconds`: never."""
    return 0 < idle_stop_seconds <= idle_seconds


def recent(samples: Sequence[Sample], now: float) -> list[Sample]:
    """The samples that still count."""
    return [sample for sample in samples if now - sample.at <= QUIET_SECONDS]


def _units_for(samples: Sequence[Sample]) -> int:
    if not samples:
        return 0
    demand = sum(sample.demand for sample in samples) / len(samples)
    return math.ceil(demand - _TOLERATED_WAITING)


def _units_for_peak(samples: Sequence[Sample]) -> int:
    """The most that the demand called for at any moment: what would only come back may stay."""
    starts = range(max(len(samples) - _RISE_SAMPLES, 0) + 1)
    return max(_units_for(samples[start : start + _RISE_SAMPLES]) for start in starts)


def _cover_quiet(samples: Sequence[Sample]) -> bool:
    return bool(samples) and samples[-1].at - samples[0].at >= QUIET_SECONDS - 2 * SAMPLE_SECONDS
