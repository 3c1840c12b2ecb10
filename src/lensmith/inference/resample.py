"""Resamples pixels with a bilinear filter as wide as a pixel of the result."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from lensmith.inference.artefact import Resampler
from lensmith.inference.image import Pixels

try:
    import cykooz_resizer as fast_image_resize
except ImportError:  # its wheels are not made for every platform
    fast_image_resize = None

Box = tuple[float, float, float, float]
"""left, top, right, bottom in pixels of the source."""


def resampler_here() -> Resampler:
    """Return the faster one where it is installed."""
    return Resampler.PILLOW if fast_image_resize is None else Resampler.FAST_IMAGE_RESIZE


def resample(
    pixels: Pixels, size: tuple[int, int], box: Box, resampler: Resampler = Resampler.PILLOW
) -> Pixels:
    """Scale `box` of the pixels to `size`, width and height.

    Pillow stands in where the faster one is not installed.
    """
    if resampler is Resampler.FAST_IMAGE_RESIZE and fast_image_resize is not None:
        return _on_vectors(pixels, size, box)
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(picture.resize(size, Image.Resampling.BILINEAR, box=box))


def _on_vectors(pixels: Pixels, size: tuple[int, int], box: Box) -> Pixels:
    height, width, _ = pixels.shape
    left, top, *_ = box
    kind = fast_image_resize.PixelType.U8x3
    bilinear = fast_image_resize.ResizeAlg.convolution(fast_image_resize.FilterType.bilinear)
    part = fast_image_resize.CropBox(
        left, top, _length(left, box[2], width), _length(top, box[3], height)
    )
    source = fast_image_resize.ImageData(width, height, kind, pixels.tobytes())
    target = fast_image_resize.ImageData(*size, kind)
    # One resizer for all threads would be a lock.
    fast_image_resize.Resizer().resize(
        source, target, fast_image_resize.ResizeOptions(bilinear, crop_box=part)
    )
    return np.frombuffer(target.get_buffer(), np.uint8).reshape(size[1], size[0], 3)


def _length(start: float, end: float, limit: int) -> float:
    """Subtract so that start and length do not add up to more than the limit by rounding."""
    length = min(end, limit) - start
    return length if start + length <= limit else math.nextafter(length, 0.0)
