"""Places upright pixels in the network's input frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lensmith.inference.artefact import Artefact, Preprocessing, Resampler, Resize
from lensmith.inference.image import Pixels, decode, read_header
from lensmith.inference.image_file import File
from lensmith.inference.resample import resample

Size = tuple[int, int]
"""width, height in pixels."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Position and size of the upright image in the input frame, in pixels of the frame.

    A cropped image reaches beyond the frame, so left and top may be negative.
    """

    left: int
    top: int
    width: int
    height: int


def place(image: Size, frame: Size, preprocessing: Preprocessing) -> Placement:
    """Compute where an image goes; evaluation, training and serving share it."""
    if preprocessing.resize is Resize.STRETCH:
        return Placement(0, 0, *frame)
    across, down = frame[0] / image[0], frame[1] / image[1]
    if preprocessing.resize is Resize.LETTERBOX:
        scale = min(across, down)
    else:
        scale = max(across, down) / preprocessing.crop
    width, height = max(1, round(image[0] * scale)), max(1, round(image[1] * scale))
    return Placement((frame[0] - width) // 2, (frame[1] - height) // 2, width, height)


def render(
    pixels: Pixels,
    placement: Placement,
    frame: Size,
    fill: int,
    resampler: Resampler = Resampler.PILLOW,
) -> Pixels:
    """Resize the pixels into an input frame, uint8 [height, width, 3], at `placement`.

    `pixels` is the whole upright image at any resolution.
    """
    left, right = _visible(placement.left, placement.width, frame[0])
    top, bottom = _visible(placement.top, placement.height, frame[1])
    across, down = pixels.shape[1] / placement.width, pixels.shape[0] / placement.height
    source = (
        (left - placement.left) * across,
        (top - placement.top) * down,
        (right - placement.left) * across,
        (bottom - placement.top) * down,
    )
    part = resample(pixels, (right - left, bottom - top), source, resampler)
    if (right - left, bottom - top) == frame:
        return part
    canvas = np.full((frame[1], frame[0], 3), fill, np.uint8)
    canvas[top:bottom, left:right] = part
    return canvas


def rendered(
    pixels: Pixels, placement: Placement, frame: Size, preprocessing: Preprocessing
) -> Pixels:
    """Render as a trained model is served."""
    return render(pixels, placement, frame, preprocessing.fill, preprocessing.resampler)


def prepare(data: File, artefact: Artefact) -> tuple[Pixels, Placement]:
    """Decode a PNG or JPEG file into the network's input frame.

    Raises as `image.read_header` and `image.decode` do.
    """
    header = read_header(data)
    frame = artefact.input_size
    placement = place((header.width, header.height), frame, artefact.preprocessing)
    pixels = decode(data, header, at_least=(placement.width, placement.height))
    return rendered(pixels, placement, frame, artefact.preprocessing), placement


def _visible(start: int, length: int, frame: int) -> tuple[int, int]:
    return max(start, 0), min(start + length, frame)
