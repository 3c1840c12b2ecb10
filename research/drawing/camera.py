"""Turns a painted scene into the pixels of a photograph."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from lensmith.inference.image import Pixels

Floats = NDArray[np.floating[Any]]


def blended(below: Floats, coverage: Floats, colour: Floats) -> Floats:
    """Paint `colour` ([3] or [h, w, 3]) over `below` [h, w, 3], `coverage` [h, w] of it opaque."""
    painted: Floats = below + coverage[..., None] * (colour - below)
    return painted


def out_of_focus(scene: Floats, sigma: float) -> Floats:
    """Blur [h, w, 3] with a Gaussian of `sigma` pixels, each channel alone."""
    blurred: Floats = gaussian_filter(scene, (sigma, sigma, 0))
    return blurred


def developed(scene: Floats, noise: Floats) -> Pixels:
    """Add the sensor's noise and quantise to uint8."""
    pixels: Pixels = (scene + noise).clip(0, 255).round().astype(np.uint8)
    return pixels
