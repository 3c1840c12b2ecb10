"""Degrades training pictures as use does: recompressed, scaled down, blurred, in other light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import simplejpeg  # type: ignore[import-untyped]
from numpy.random import Generator
from PIL import Image, ImageFilter

from lensmith.inference.image import Pixels

_LEVELS = np.arange(256) / 255


@dataclass(frozen=True, slots=True)
class Degradation:
    """Ranges of random changes, each made with its own probability."""

    jpeg: tuple[int, int] = (25, 95)  # quality
    jpeg_probability: float = 0.4
    scale: tuple[float, float] = (0.4, 0.9)  # sides before the picture is scaled up again
    scale_probability: float = 0.25
    blur: float = 1.2  # deviation in pixels, at most
    blur_probability: float = 0.25
    gamma: float = 1.5  # exponent, or its inverse, at most
    gain: float = 1.4  # of all channels, or its inverse, at most
    warmth: float = 1.15  # of red against blue, either way, at most
    light_probability: float = 0.6


DEGRADATION = Degradation()


def degraded(pixels: Pixels, rng: Generator, ranges: Degradation = DEGRADATION) -> Pixels:
    """Relight, scale, blur and recompress, in the order of a camera; the size stays the same."""
    chances = rng.random(4)
    if chances[0] < ranges.light_probability:
        pixels = _relit(pixels, ranges, rng)
    if chances[1] < ranges.scale_probability:
        pixels = _rescaled(pixels, rng.uniform(*ranges.scale))
    if chances[2] < ranges.blur_probability:
        blur = ImageFilter.GaussianBlur(rng.uniform(0.2, ranges.blur))
        pixels = np.asarray(_picture(pixels).filter(blur))
    if chances[3] < ranges.jpeg_probability:
        pixels = _recompressed(pixels, int(rng.integers(*ranges.jpeg, endpoint=True)))
    return pixels


def _relit(pixels: Pixels, ranges: Degradation, rng: Generator) -> Pixels:
    """Change gamma, exposure and white balance by one table a channel."""
    gamma, gain, warmth = (
        limit ** rng.uniform(-1, 1) for limit in (ranges.gamma, ranges.gain, ranges.warmth)
    )
    tables = [
        np.clip(255 * factor * _LEVELS**gamma, 0, 255).round().astype(np.uint8)
        for factor in (gain * warmth, gain, gain / warmth)
    ]
    return np.stack([table[pixels[..., place]] for place, table in enumerate(tables)], -1)


def _rescaled(pixels: Pixels, factor: float) -> Pixels:
    picture = _picture(pixels)
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    small = picture.resize(size, Image.Resampling.BILINEAR)
    return np.asarray(small.resize(picture.size, Image.Resampling.BILINEAR))


def _recompressed(pixels: Pixels, quality: int) -> Pixels:
    encoded = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality, "RGB", "420")
    decoded: Pixels = simplejpeg.decode_jpeg(encoded, "RGB")
    return decoded


def _picture(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(pixels))
