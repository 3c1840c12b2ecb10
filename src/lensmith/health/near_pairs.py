"""Finds pairs of images whose hashes are close, in bounded memory.

Every pair is compared, but cheaply: only images of about the same brightness, first by one word
of the hash, in blocks that NumPy runs through. 50,000 images take seconds on one core.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lensmith.health.fingerprint import ORIENTATIONS, Hashes

NEAR_BITS = 24  # of 256; copies cropped by some pixels differ by 20
BRIGHTNESS_WINDOW = 16.0  # grey levels that a copy may be lighter or darker

_BLOCK_COMPARISONS = 1 << 17  # comparisons in one block, which then stays in the processor's cache

Indices = NDArray[np.int64]


class NearPairs(NamedTuple):
    """Parallel arrays: `one[k]`, turned or mirrored when `turned[k]`, is near `other[k]`."""

    one: Indices
    other: Indices
    bits: NDArray[np.int64]
    turned: NDArray[np.bool_]


def near_pairs(
    hashes: Hashes, brightness: NDArray[np.float64], report: Callable[[int], None]
) -> Iterator[NearPairs]:
    """Yield unordered pairs at most NEAR_BITS apart in some orientation, in no particular order.

    `hashes` is [images, ORIENTATIONS, WORDS]. A pair may come once for each orientation. `report`
    is called with the number of images compared.
    """
    order = np.argsort(brightness, kind="stable")
    hashes, brightness = hashes[order], brightness[order]
    ends = np.searchsorted(brightness, brightness + BRIGHTNESS_WINDOW, side="right")
    start = 0
    while start < len(order):
        stop = _block_end(ends, start)
        for pairs in _block(hashes, ends[start:stop] - start, start):
            yield pairs._replace(one=order[pairs.one], other=order[pairs.other])
        report(stop)
        start = stop


def _block_end(ends: Indices, start: int) -> int:
    width = int(ends[start]) - start
    stop = min(len(ends), start + max(1, _BLOCK_COMPARISONS // width))
    while (
        stop - start > 1 and (stop - start) * (int(ends[stop - 1]) - start) > 2 * _BLOCK_COMPARISONS
    ):
        stop = start + (stop - start) // 2
    return stop


def _block(hashes: Hashes, ends: Indices, start: int) -> Iterator[NearPairs]:
    """Compare the rows from `start` on, each with those after it and before its end in `ends`."""
    rows, columns = hashes[start : start + len(ends)], hashes[start : start + int(ends[-1]), 0]
    first_words = np.ascontiguousarray(columns[:, 0])
    for orientation in range(ORIENTATIONS):
        seen = rows[:, orientation]
        first_bits = np.bitwise_count(seen[:, None, 0] ^ first_words)
        one, other = np.divmod(np.flatnonzero(first_bits <= NEAR_BITS), len(columns))
        comparable = (other > one) & (other < ends[one])
        one, other = one[comparable], other[comparable]
        bits = np.bitwise_count(seen[one] ^ columns[other]).sum(axis=1, dtype=np.int64)
        near = bits <= NEAR_BITS
        turned = np.full(int(near.sum()), orientation > 0)
        yield NearPairs(one[near] + start, other[near] + start, bits[near], turned)
