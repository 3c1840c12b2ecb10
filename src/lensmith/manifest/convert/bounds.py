"""Boxes in pixels, as shapes of any kind have one around them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

Bounds = tuple[float, float, float, float]  # left, top, width, height in pixels
SizeOf = Callable[[str], tuple[int, int] | None]  # file name -> width, height in pixels


def coordinate(value: Any) -> float | None:
    """Read a number, also one written as text; None for anything else."""
    if isinstance(value, str):
        try:
            value = int(value) if value.strip().lstrip("-").isdecimal() else float(value)
        except ValueError:
            return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and math.isfinite(value) else None


def clipped(bounds: Bounds, size: tuple[float, float]) -> Bounds:
    """Cut off what lies beyond the image, as outlines drawn by hand do; keep one outside of it."""
    left, top, width, height = bounds
    right, bottom = min(left + width, size[0]), min(top + height, size[1])
    first, upper = max(left, 0), max(top, 0)
    inside = first < right and upper < bottom
    return (first, upper, right - first, bottom - upper) if inside else bounds


def around(numbers: list[float]) -> Bounds | None:
    """Return the box around x, y, x, y ...; None where that has no area."""
    if len(numbers) < 4 or len(numbers) % 2:
        return None
    across, down = numbers[::2], numbers[1::2]
    width, height = max(across) - min(across), max(down) - min(down)
    return (min(across), min(down), width, height) if width > 0 and height > 0 else None
