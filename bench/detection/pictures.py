"""Two pictures as cameras make them: structure at every scale and grain."""

from __future__ import annotations

import io

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from PIL import Image

_OCTAVES = 7


def pictures() -> dict[str, bytes]:
    """JPEG files by name: 480 pixels and about 50 KB, 12 megapixels and less than 4 MB."""
    return {
        "480 px": photo((480, 360), grain=9.0, quality=88),
        "12 MP": photo((4000, 3000), grain=9.0, quality=87),
    }


def photo(size: tuple[int, int], grain: float, quality: int) -> bytes:
    """Clouds of colour with noise on them, the same ones every time."""
    draw = default_rng(0)
    picture = sum(_clouds(draw, size, octave) for octave in range(1, _OCTAVES))
    picture = 255 * (picture - picture.min()) / np.ptp(picture)  # type: ignore[union-attr]
    picture += draw.normal(0, grain, picture.shape)
    file = io.BytesIO()
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
    return file.getvalue()


def _clouds(draw: Generator, size: tuple[int, int], octave: int) -> NDArray[np.float32]:
    cells = draw.integers(0, 256, (3 << octave, 4 << octave, 3), dtype=np.uint8)
    grown = Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC)
    clouds: NDArray[np.float32] = np.asarray(grown, np.float32) / 2**octave
    return clouds
