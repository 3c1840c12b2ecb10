"""Degraded training images show what they showed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng
from research.ablation.degraded import Degradation, degraded

UNTOUCHED = Degradation(
    jpeg_probability=0.0, scale_probability=0.0, blur_probability=0.0, light_probability=0.0
)


def picture() -> np.ndarray:
    across, down = np.meshgrid(np.linspace(40, 200, 75), np.linspace(40, 200, 53))
    return np.stack([across, down, (across + down) / 2], -1).astype(np.uint8)


@pytest.mark.parametrize("seed", range(8))
def test_size_and_content_stay(seed: int) -> None:
    before = picture()
    after = degraded(before[:, ::-1][:, ::-1], default_rng(seed))
    assert (after.shape, after.dtype) == (before.shape, before.dtype)
    assert np.corrcoef(after.ravel(), before.ravel())[0, 1] > 0.93


def test_the_same_seed_degrades_alike() -> None:
    one, other = (degraded(picture(), default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_nothing_changes_without_a_chance() -> None:
    np.testing.assert_array_equal(degraded(picture(), default_rng(0), UNTOUCHED), picture())
