from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lensmith.health.fingerprint import ORIENTATIONS, WORDS, Hashes
from lensmith.health.near_pairs import BRIGHTNESS_WINDOW, NEAR_BITS, near_pairs


def _with_flipped_bits(hashes: Hashes, count: int, chance: np.random.Generator) -> Hashes:
    bits = np.unpackbits(hashes.view(np.uint8))
    bits[chance.choice(len(bits), count, replace=False)] ^= 1
    return np.packbits(bits).view(np.uint64)


def _all_pairs(hashes: Hashes, brightness: NDArray[np.float64]) -> set[tuple[int, int]]:
    """The definition, bit by bit."""
    bits = np.unpackbits(hashes.view(np.uint8), axis=2)
    found = set()
    for one in range(len(hashes)):
        for other in range(len(hashes)):
            is_first = (brightness[one], one) < (brightness[other], other)
            if is_first and brightness[other] - brightness[one] <= BRIGHTNESS_WINDOW:
                differing = (bits[one] != bits[other, 0]).sum(axis=1)
                if differing.min() <= NEAR_BITS:
                    found.add((one, other))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_finds_exactly_the_pairs_of_the_definition(seed: int) -> None:
    chance = np.random.default_rng(seed)
    hashes = chance.integers(0, 2**64, (120, ORIENTATIONS, WORDS), dtype=np.uint64)
    for copy in range(60, 120):
        bits = int(chance.integers(0, 2 * NEAR_BITS))
        seen = int(chance.integers(ORIENTATIONS))
        hashes[copy, 0] = _with_flipped_bits(hashes[copy - 60, seen], bits, chance)
    brightness = chance.normal(120, 20, 120)

    found = [
        (int(one), int(other))
        for pairs in near_pairs(hashes, brightness, lambda done: None)
        for one, other in zip(pairs.one, pairs.other, strict=True)
    ]

    assert set(found) == _all_pairs(hashes, brightness)
    assert found


def test_says_how_far_apart_and_reports_progress() -> None:
    chance = np.random.default_rng(5)
    hashes = chance.integers(0, 2**64, (3000, ORIENTATIONS, WORDS), dtype=np.uint64)
    hashes[2999, 0] = _with_flipped_bits(hashes[17, 0], 9, chance)
    heard: list[int] = []

    pairs = [
        found
        for found in near_pairs(hashes, np.full(3000, 99.0), heard.append)
        if len(found.one) > 0
    ]

    assert [values.tolist() for values in pairs[0]] == [[17], [2999], [9], [False]]
    assert len(pairs) == 1
    assert heard == sorted(heard)
    assert heard[-1] == 3000


def test_no_pictures_have_no_pairs() -> None:
    none = np.empty((0, ORIENTATIONS, WORDS), np.uint64)
    assert list(near_pairs(none, np.empty(0), lambda done: None)) == []
