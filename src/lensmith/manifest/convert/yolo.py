"""Reads boxes from YOLO label files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from lensmith.manifest.convert.draft import Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import PixelBox

_DECIMALS = 6  # of a pixel: what a float keeps through fractions and back
_SLACK = 1.0  # pixels beyond the frame that six digits of a fraction can amount to


def class_names(names: Any) -> dict[int, str]:
    """`names` of data.yaml, which is a list or maps class numbers to names.

    Raises UnreadableSourceError when it is neither.
    """
    pairs = dict(enumerate(names)) if isinstance(names, list) else names
    if isinstance(pairs, dict) and all(isinstance(name, str) for name in pairs.values()):
        with suppress(TypeError, ValueError):
            return {int(number): name for number, name in pairs.items()}
    raise UnreadableSourceError("`names` is neither a list nor a map of class numbers to names")


def read_boxes(
    text: str, size: tuple[int, int], names: Mapping[int, str], where: str
) -> Iterator[PixelBox | Problem]:
    """Yield the boxes of one image of `size` pixels; a polygon becomes the box around it.

    A line is `class centre-x centre-y width height`, all but the class in fractions of the
    image, and maybe a confidence, or `class x y x y x y …`.
    """
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if words:
            yield _read_line(words, size, names, f"{where}, line {number}")


def _read_line(
    words: list[str], size: tuple[int, int], names: Mapping[int, str], where: str
) -> PixelBox | Problem:
    try:
        class_number, *numbers = (float(word) for word in words)
    except ValueError:
        return Problem(ProblemKind.BAD_BOX, where)
    edges = _edges(numbers)
    if edges is None or not class_number.is_integer():
        return Problem(ProblemKind.BAD_BOX, where)
    if int(class_number) not in names:
        return Problem(ProblemKind.UNKNOWN_CLASS, f"{where}, class {words[0]}")
    left, right = _in_frame(edges[0], edges[2], size[0])
    top, bottom = _in_frame(edges[1], edges[3], size[1])
    return PixelBox(int(class_number), left, top, pixels(right - left), pixels(bottom - top))


def _edges(numbers: list[float]) -> tuple[float, float, float, float] | None:
    """Left, top, right, bottom in fractions; None when the numbers are no box."""
    if not all(math.isfinite(number) for number in numbers):
        return None
    if len(numbers) in {4, 5}:
        x, y, width, height = numbers[:4]
        if width < 0 or height < 0:
            return None
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2
    if len(numbers) >= 6 and len(numbers) % 2 == 0:
        across, down = numbers[::2], numbers[1::2]
        return min(across), min(down), max(across), max(down)
    return None


def _in_frame(low: float, high: float, side: int) -> tuple[float, float]:
    """In pixels; what rounding has pushed over the edge of the image is pulled back."""
    begin, end = low * side, high * side
    if -_SLACK < begin < 0:
        begin = 0.0
    if side < end < side + _SLACK:
        end = float(side)
    return pixels(begin), pixels(end)


def pixels(value: float) -> float:
    """Round to the digits that survive a conversion to fractions and back."""
    return round(value, _DECIMALS)
