"""Finds the box around a COCO segmentation: polygons, or run lengths down the columns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from lensmith.manifest.convert.bounds import Bounds, coordinate

_MAX_PIXELS = 1 << 31  # pixels of a mask


def bounds_of(segmentation: Any) -> Bounds | None:
    """Return the box around all parts; None when it cannot be read."""
    if isinstance(segmentation, dict):
        return _of_mask(segmentation)
    if not isinstance(segmentation, list) or not segmentation:
        return None
    parts = segmentation if isinstance(segmentation[0], list) else [segmentation]
    polygons = [polygon for part in parts if (polygon := _polygon(part))]
    if not polygons or len(polygons) < len(parts):
        return None
    across = [x for polygon in polygons for x in polygon[::2]]
    down = [y for polygon in polygons for y in polygon[1::2]]
    return min(across), min(down), max(across) - min(across), max(down) - min(down)


def _polygon(points: Any) -> list[float]:
    """Return x, y, x, y ..., also of [x, y] pairs; empty when it is no polygon."""
    given = points if isinstance(points, list) else []
    if given and all(isinstance(point, list) and len(point) == 2 for point in given):
        given = [side for point in given for side in point]
    numbers = [number for one in given if (number := coordinate(one)) is not None]
    return numbers if len(numbers) == len(given) >= 6 and len(given) % 2 == 0 else []


def _of_mask(mask: dict[str, Any]) -> Bounds | None:
    size, counts = mask.get("size"), mask.get("counts")
    if not isinstance(size, list) or len(size) != 2:
        return None
    if not all(isinstance(side, int) and side > 0 for side in size):
        return None
    try:
        runs = list(_uncompressed(counts)) if isinstance(counts, str) else counts
    except ValueError:
        return None
    if not isinstance(runs, list) or not all(isinstance(run, int) and run >= 0 for run in runs):
        return None
    height, width = size
    return _of_runs(runs, height) if sum(runs) == height * width <= _MAX_PIXELS else None


def _of_runs(runs: list[int], height: int) -> Bounds | None:
    """Compute the bounds of the odd runs, which are those of the object."""
    left, top, right, bottom, start = math.inf, math.inf, 0, 0, 0
    for number, run in enumerate(runs):
        if number % 2 and run:
            first, last = start, start + run - 1
            left, right = min(left, first // height), max(right, last // height + 1)
            if first // height == last // height:
                top, bottom = min(top, first % height), max(bottom, last % height + 1)
            else:
                top, bottom = 0, height
        start += run
    return None if right == 0 else (left, top, right - left, bottom - top)


def _uncompressed(text: str) -> Iterator[int]:
    """Run lengths of pycocotools: five bits a character, differences from the fourth on."""
    counts: list[int] = []
    value, shift = 0, 0
    for one in text:
        bits = ord(one) - 48
        if not 0 <= bits < 64 or shift > 60:
            raise ValueError(text[:20])
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        if bits & 0x10:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        yield counts[-1]
        value, shift = 0, 0
