"""Follows the demand of one version, as all servers report it, for the leader."""

from __future__ import annotations

import time
from collections.abc import Callable

from lensmith.serving.scaler import (
    SAMPLE_SECONDS,
    Sample,
    UnitRange,
    desired_units,
    is_idle_long_enough,
    recent,
)


class VersionDemand:
    """Samples of the last minute, and since when a version is idle or stopping."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._samples: list[Sample] = []
        self._sampled_at = self._used_at = clock()
        self._stopping_at: float | None = None
        self.desired = 0
        self.allowed = UnitRange(0, 0)
        self.requests = 0

    def update(
        self, allowed: UnitRange, requests: int, demand: float, idle_stop_seconds: float
    ) -> int:
        """Return the units that the version should have; `demand` is in busy units."""
        now = self._clock()
        self.allowed, self.requests, self._stopping_at = allowed, requests, None
        if requests:
            self._used_at = now
        if now - self._sampled_at >= SAMPLE_SECONDS:
            self._sampled_at = now
            self._samples = recent([*self._samples, Sample(now, demand)], now)
        if not requests and is_idle_long_enough(now - self._used_at, idle_stop_seconds):
            self.desired = 0
        else:
            self.desired = desired_units(self._samples, self.desired, allowed)
        return self.desired

    def is_drained(self, requests: int, settle_seconds: float, limit_seconds: float) -> bool:
        """Return whether a version that stops has answered its requests, or has had its time."""
        now = self._clock()
        self.requests = requests
        if self._stopping_at is None:
            self._stopping_at = now
        seconds = now - self._stopping_at
        return seconds > limit_seconds or (not requests and seconds > settle_seconds)
