"""Reads boxes from YOLO label files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from lensmith.manifest.convert.draft import Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import PixelBox

_DECIMALS = 6  # of a pixel: what a float keeps through fractions and back
_FAR = 1.5  # fractions of the frame; numbers beyond are pixels
_SLACK = 1.0  # pixels beyond the frame that six digits of a fraction can amount to


def class_names(names: Any) -> dict[int, str]:
    """Read `names` of data.yaml, which is a list or maps class numbers to names.

    Raises UnreadableSourceError when it is neither.
    """
    pairs = dict(enumerate(names)) if isinstance(names, list) else names
    if isinstance(pairs, dict) and all(isinstance(name, str) for name in pairs.values()):
        with suppress(TypeError, ValueError):
            return {int(number): name for number, name in pairs.items()}
    raise UnreadableSourceError("`names` is neither a list nor a map of class numbers to names")


def keypoint_numbers(shape: Any) -> int | None:
    """Return how many numbers of a line are keypoints, by `kpt_shape` of data.yaml.

    None where it is missing, 0 for `none`. Raises UnreadableSourceError when it is not the number
    of points and that of their numbers.
    """
    if shape is None:
        return None
    if shape == "none":
        return 0
    with suppress(TypeError, ValueError):
        points, each = (int(side) for side in shape)
        if points > 0 and each in {2, 3}:
            return points * each
    raise UnreadableSourceError(f"`kpt_shape` is {shape}, not [points, 2 or 3]")


def read_boxes(
    text: str, size: tuple[int, int], names: Mapping[int, str], where: str, keypoints: int = 0
) -> Iterator[PixelBox | Problem]:
    """Yield the boxes of one image of `size` pixels; a polygon becomes the box around it.

    A line is `class centre-x centre-y width height`, all but the class in fractions of the
    image, and maybe a confidence, or `class x y x y x y …`. With `keypoints` numbers of
    keypoints after it, a box stays that box.
    """
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if words:
            yield _read_line(words, size, names, f"{where}, line {number}", keypoints)


def _read_line(
    words: list[str], size: tuple[int, int], names: Mapping[int, str], where: str, keypoints: int
) -> PixelBox | Problem:
    try:
        class_number, *numbers = (float(word) for word in words)
    except ValueError:
        return Problem(ProblemKind.BAD_BOX, where)
    edges = _edges(numbers, keypoints)
    if edges is None or not class_number.is_integer():
        return Problem(ProblemKind.BAD_BOX, where)
    if int(class_number) not in names:
        return Problem(ProblemKind.UNKNOWN_CLASS, f"{where}, class {words[0]}")
    left, right = _in_frame(edges[0], edges[2], size[0])
    top, bottom = _in_frame(edges[1], edges[3], size[1])
    return PixelBox(int(class_number), left, top, pixels(right - left), pixels(bottom - top))


_Edges = tuple[float, float, float, float]


def _edges(numbers: list[float], keypoints: int) -> _Edges | None:
    """Return left, top, right, bottom in fractions; None when the numbers are no box."""
    if not all(math.isfinite(number) for number in numbers):
        return None
    count = len(numbers)
    if count in {4, 5} or (keypoints and count - keypoints in {4, 5}):
        return _around_centre(numbers)
    if keypoints:
        return None
    if _has_visibilities(numbers):
        return _around_centre(numbers)
    if count >= 6 and count % 2 == 0 and all(abs(number) < _FAR for number in numbers):
        across, down = numbers[::2], numbers[1::2]
        return min(across), min(down), max(across), max(down)
    return None


def _around_centre(numbers: list[float]) -> _Edges | None:
    x, y, width, height = numbers[:4]
    if width < 0 or height < 0 or max(x, y) >= _FAR:
        return None
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _has_visibilities(numbers: list[float]) -> bool:
    """Return whether keypoints follow a box: each third number 0, 1 or 2, and one of them 2."""
    flags = numbers[6::3]
    is_whole = (len(numbers) - 4) % 3 == 0
    return is_whole and 2 in flags and all(flag in {0, 1, 2} for flag in flags)


def numbers_of(text: str) -> Iterator[list[float]]:
    """Yield the numbers behind the class of each line that has only numbers."""
    for line in text.splitlines():
        with suppress(ValueError):
            yield [float(word) for word in line.split()[1:]]


def _in_frame(low: float, high: float, side: int) -> tuple[float, float]:
    """Convert to pixels; pull back what rounding has pushed over the edge of the image."""
    begin, end = low * side, high * side
    if -_SLACK < begin < 0:
        begin = 0.0
    if side < end < side + _SLACK:
        end = float(side)
    return pixels(begin), pixels(end)


def pixels(value: float) -> float:
    """Round to the digits that survive a conversion to fractions and back."""
    return round(value, _DECIMALS)
