"""Training images degraded as use degrades pictures; replaces `DetectionBatches`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import simplejpeg  # type: ignore[import-untyped]
import torch
from numpy.random import Generator
from PIL import Image, ImageFilter
from torch import Tensor

from lensmith.inference.image import Pixels
from lensmith.training.detector.assignment import GroundTruthBoxes
from lensmith.training.detector.batches import DetectionBatches

_LEVELS = np.arange(256) / 255


@dataclass(frozen=True, slots=True)
class Degradation:
    """Ranges of random changes, each made with its own probability."""

    jpeg: tuple[int, int] = (25, 95)  # quality
    jpeg_probability: float = 0.3
    scale: tuple[float, float] = (0.6, 0.9)  # sides before the picture is scaled up again
    scale_probability: float = 0.15
    blur: float = 0.8  # deviation in pixels, at most
    blur_probability: float = 0.15
    gamma: float = 1.5  # exponent, or its inverse, at most
    gain: float = 1.4  # of all channels, or its inverse, at most
    warmth: float = 1.15  # of red against blue, either way, at most
    light_probability: float = 0.5


DEGRADATION = Degradation()


class DegradedFrames(DetectionBatches):
    """Every view is relit, scaled, blurred and recompressed, each with its own probability."""

    def batch(self, size: int, mosaic: float) -> tuple[Tensor, GroundTruthBoxes]:
        images, truth = super().batch(size, mosaic)
        views = [degraded(view.numpy(), self._rng) for view in images]
        return torch.from_numpy(np.stack(views)), truth


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
