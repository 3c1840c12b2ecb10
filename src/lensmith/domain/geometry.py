"""Boxes and where they overlap."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of the upright image: left, top, width, height in 0..1."""

    left: float
    top: float
    width: float
    height: float

    def clamped(self) -> Box:
        """Return the part of the box inside the image."""
        left, top = min(max(self.left, 0.0), 1.0), min(max(self.top, 0.0), 1.0)
        right = min(max(self.left + self.width, left), 1.0)
        bottom = min(max(self.top + self.height, top), 1.0)
        return Box(left, top, right - left, bottom - top)
