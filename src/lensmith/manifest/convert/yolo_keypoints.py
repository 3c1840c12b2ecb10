"""Recognises keypoints behind the boxes of YOLO labels whose `kpt_shape` is missing.

A line of a pose is `class centre-x centre-y width height`, then x y or x y visibility for each
keypoint; one of segmentation is `class x y x y x y …`. Only all lines together tell them apart:
those of a pose have one length, and their third and fourth numbers are no point beside the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

_BOX = 4  # numbers
_VISIBILITIES = frozenset({0.0, 1.0, 2.0})
_CERTAIN = 2.0  # a visibility that no coordinate of a polygon reaches
_MARGIN = 0.02  # of the frame, by which a keypoint may lie outside its box
_MEASURED = 100  # lines whose shape is looked at
_TAKEN, _DOUBTED = 0.5, 0.1  # fractions of lines that are no polygons

_Point = tuple[float, float]

_NONE = (0.0, 0.0)  # stands for a keypoint that is not in the picture


@dataclass(frozen=True, slots=True)
class Keypoints:
    numbers: int = 0  # of a line that follow its box
    is_doubtful: bool = False  # the lines may be polygons or boxes with keypoints


def find_keypoints(lines: Iterable[Sequence[float]]) -> Keypoints:
    """Find them in the numbers behind the class of each line; lines of boxes alone do not count."""
    long = [line for line in lines if len(line) > _BOX + 1]
    lengths = {len(line) for line in long}
    if len(lengths) != 1:
        return Keypoints()
    after = lengths.pop() - _BOX
    if after % 3 == 0 and _have_visibilities(long):
        return Keypoints(after)
    if after % 2 == 0:
        return _of_points(long[:_MEASURED], after)
    return Keypoints()


def _have_visibilities(lines: Sequence[Sequence[float]]) -> bool:
    flags = {flag for line in lines for flag in line[_BOX + 2 :: 3]}
    if not flags <= _VISIBILITIES:
        return False
    is_odd = len(lines[0]) % 2 == 1  # a polygon has pairs
    return is_odd or _CERTAIN in flags or all(map(_holds_visible_points, lines))


def _holds_visible_points(line: Sequence[float]) -> bool:
    triples = zip(line[_BOX::3], line[_BOX + 1 :: 3], line[_BOX + 2 :: 3], strict=True)
    points = [((x, y), flag) for x, y, flag in triples]
    return any(flag for _, flag in points) and all(
        _is_in_box(point, line) if flag else point == _NONE for point, flag in points
    )


def _of_points(lines: Sequence[Sequence[float]], after: int) -> Keypoints:
    if not all(_is_in_box(point, line) for line in lines for point in _points(line[_BOX:])):
        return Keypoints()
    strange = sum(_is_no_polygon(_points(line)) for line in lines) / len(lines)
    if strange >= _TAKEN and after > 2:
        return Keypoints(after)
    return Keypoints(is_doubtful=strange >= _DOUBTED)


def _points(numbers: Sequence[float]) -> list[_Point]:
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _is_in_box(point: _Point, line: Sequence[float]) -> bool:
    """Return whether a keypoint lies in the box of its line, or stands for a missing one."""
    if point == _NONE:
        return True
    centre, size = line[:2], line[2:_BOX]
    return all(
        abs(at - middle) <= side / 2 + _MARGIN
        for at, middle, side in zip(point, centre, size, strict=True)
    )


def _is_no_polygon(points: Sequence[_Point]) -> bool:
    """Return whether the outline crosses itself, or its second point lies far off the others."""
    others = [points[0], *(point for point in points[2:] if point != _NONE)]
    for axis in (0, 1):
        low, high = min(one[axis] for one in others), max(one[axis] for one in others)
        if max(low - points[1][axis], points[1][axis] - high) > high - low:
            return True
    sides = list(pairwise([*points, points[0]]))
    return any(_cross(*one, *other) for one, other in combinations(sides, 2))


def _cross(a: _Point, b: _Point, c: _Point, d: _Point) -> bool:
    """Return whether two lines cross inside both; those with a common end do not."""
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _turn(a: _Point, b: _Point, c: _Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
