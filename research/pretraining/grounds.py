"""What things stand on: parts of photographs, and plain or patterned colour."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from PIL import Image

from lensmith.inference.image import Pixels

PHOTOGRAPHED = 0.7  # share of the grounds
SMALLEST_SHARE, SMALLEST_SIDE = 0.15, 40  # of a photograph's shorter side, in pixels
TRANSPOSED, RECOLOURED = 0.5, 0.4  # shares of the parts of photographs
PATCHES = (1, 2, 4, 8, 32, 128)  # a side of a pattern
SOFT = 0.7  # share of the patterns without edges
STRONGEST_PATTERN = 0.8


class Grounds:
    """Endless square pictures of one size."""

    def __init__(self, photographs: Sequence[Pixels], side: int, rng: Generator) -> None:
        self._photographs = [Image.fromarray(pixels) for pixels in photographs]
        self._size = side, side
        self._rng = rng

    def next(self) -> Image.Image:
        if self._rng.random() < PHOTOGRAPHED:
            return self._part_of_a_photograph()
        return self._pattern()

    def _part_of_a_photograph(self) -> Image.Image:
        """A square part, turned by right angles or mirrored, its channels in any order."""
        rng = self._rng
        photograph = self._photographs[rng.integers(len(self._photographs))]
        share = math.exp(rng.uniform(math.log(SMALLEST_SHARE), 0))
        side = max(int(min(photograph.size) * share), SMALLEST_SIDE)
        left, top = (int(rng.integers(length - side + 1)) for length in photograph.size)
        part = photograph.resize(
            self._size, Image.Resampling.BILINEAR, box=(left, top, left + side, top + side)
        )
        if rng.random() < TRANSPOSED:
            part = part.transpose(rng.choice(list(Image.Transpose)))
        if rng.random() < RECOLOURED:
            bands = part.split()
            part = Image.merge("RGB", [bands[index] for index in rng.permutation(3)])
        return part

    def _pattern(self) -> Image.Image:
        """Patches of colours that differ from one colour more or less."""
        rng = self._rng
        count = rng.choice(PATCHES)
        strength = rng.uniform(0, STRONGEST_PATTERN)
        around = rng.integers(-128, 128, (count, count, 3))
        patches = (rng.integers(0, 256, 3) + strength * around).clip(0, 255)
        soft = rng.random() < SOFT
        resampling = Image.Resampling.BICUBIC if soft else Image.Resampling.NEAREST
        return Image.fromarray(patches.astype(np.uint8)).resize(self._size, resampling)
