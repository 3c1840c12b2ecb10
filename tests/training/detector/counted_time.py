"""Time that passes only when a test says so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class CountedTime:
    """A clock that stands still unless it is told."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now
