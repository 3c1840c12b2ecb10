"""Derives input sizes from the sizes of the pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median


def usual_side(picture_sizes: Sequence[tuple[int, int]]) -> float:
    """Compute the median over the pictures of the square root of the area."""
    return median(math.sqrt(width * height) for width, height in picture_sizes)


def shaped(picture_sizes: Sequence[tuple[int, int]], side: float) -> tuple[int, int]:
    """Choose an input size of about `side` squared pixels in the pictures' median aspect ratio."""
    aspect = median(width / height for width, height in picture_sizes)
    aspect = min(max(aspect, 0.5), 2.0)
    return multiple_of_32(side * math.sqrt(aspect)), multiple_of_32(side / math.sqrt(aspect))


def multiple_of_32(side: float) -> int:
    return max(round(side / 32), 2) * 32
