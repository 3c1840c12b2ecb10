"""Averages a step function over time, as the demand for units."""

from __future__ import annotations


class TimeAverage:
    """Time-weighted average of a step function since the last `take`."""

    def __init__(self, now: float) -> None:
        self._since = self._changed = now
        self._area = 0.0

    def add(self, now: float, value: float) -> None:
        """Add `value` for the time since the last change."""
        self._area += value * (now - self._changed)
        self._changed = now

    def take(self, now: float, value: float) -> float:
        """Return the average, `value` being the last step, and begin anew."""
        self.add(now, value)
        seconds = now - self._since
        average = self._area / seconds if seconds > 0 else value
        self._since, self._area = now, 0.0
        return average
