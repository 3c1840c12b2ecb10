"""Two pictures as cameras make them: structure at every scale and grain."""

from __future__ import annotations

import io

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.float32]

_OCTAVES = 5
_GRAIN_SIDE = 500  # pixels after which the grain repeats

SIZES = {"480 px": (480, 360), "12 MP": (4000, 3000)}
"""Width and height by the name of the picture: JPEG files of 50 kB and of nearly 3 MB."""


def photo(size: tuple[int, int], grain: float = 9.0, quality: int = 88) -> bytes:
    """A JPEG file of clouds of colour with noise on them, the same every time."""
    draw = default_rng(0)
    picture = _clouds(draw, size, 1)
    for octave in range(2, _OCTAVES + 1):
        picture += _clouds(draw, size, octave)
    picture /= 2  # the shares of the grids sum up to nearly two
    picture += _noise(draw, size, grain)
    file = io.BytesIO()
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
    return file.getvalue()


def _clouds(draw: Generator, size: tuple[int, int], octave: int) -> Picture:
    """Colours between cells of a grid, fainter the finer the grid."""
    cells = draw.integers(0, 256, (3 << octave, 4 << octave, 3), dtype=np.uint8)
    grown = Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(grown, np.float32) / np.float32(2 ** (octave - 1))


def _noise(draw: Generator, size: tuple[int, int], grain: float) -> Picture:
    tile = draw.normal(0, grain, (_GRAIN_SIDE, _GRAIN_SIDE, 3)).astype(np.float32)
    repeats = (-(-size[1] // _GRAIN_SIDE), -(-size[0] // _GRAIN_SIDE), 1)
    return np.tile(tile, repeats)[: size[1], : size[0]]
