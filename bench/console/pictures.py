"""Photographs for the benchmark of the console: noise over colours, the size of a phone's."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

SIDE = (1600, 1200)
_BLOCK = 40  # pixels; larger blocks compress better


def photograph(number: int, quality: int = 85) -> bytes:
    """A JPEG of 1600 x 1200 pixels and about 300 kB, each another one."""
    rng = np.random.default_rng(number)
    blocks = rng.integers(40, 215, (SIDE[1] // _BLOCK, SIDE[0] // _BLOCK, 3), dtype=np.uint8)
    grown = np.asarray(Image.fromarray(blocks).resize(SIDE, Image.Resampling.BICUBIC), np.int16)
    noise = rng.integers(-9, 10, grown.shape, dtype=np.int16)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(grown + noise, 0, 255).astype(np.uint8)).save(
        buffer, "JPEG", quality=quality
    )
    return buffer.getvalue()
