"""Pictures as the baselines see them: loaded, cropped and recoloured with Pillow and PyTorch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

SIDE = 224  # what Lite0 was trained at
WORKING_SIDE = SIDE * 2  # larger pictures are scaled down to this when they are read
BATCH = 16
PIXEL_MEAN, PIXEL_SCALE = 127.0, 128.0  # of Lite0's ImageNet training
CENTRE = 0.875  # of the shorter side, when pictures are scored
COLOUR = 0.2  # brightness, contrast and saturation change by up to this much either way
LUMINANCE = torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)

Crop = tuple[float, float, float, float]  # left, top, right, bottom in pixels of the picture


def use_threads(wanted: int) -> None:
    """Let PyTorch compute on `wanted` threads; 0 means every core this process may use."""
    torch.set_num_threads(wanted or len(os.sched_getaffinity(0)))


def load_picture(path: Path) -> Image.Image:
    """Upright RGB whose shorter side has at most `WORKING_SIDE` pixels."""
    with Image.open(path) as stored:
        picture = ImageOps.exif_transpose(stored).convert("RGB")
    scale = min(1.0, WORKING_SIDE / min(picture.size))
    size = round(picture.width * scale), round(picture.height * scale)
    return picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def batches(paths: Sequence[Path], exclusive: bool) -> Iterator[Tensor]:
    """Normalised [at most 16, 3, 224, 224] in the order of the files.

    The middle of a picture where it has one label, all of it, stretched, where it has several.
    """
    for start in range(0, len(paths), BATCH):
        pictures = map(load_picture, paths[start : start + BATCH])
        frames = [_frame(one, _centre(one) if exclusive else None) for one in pictures]
        yield normalised(torch.stack(frames))


def normalised(frames: Tensor) -> Tensor:
    """0..255 to what Lite0 expects, channels-last."""
    return ((frames - PIXEL_MEAN) / PIXEL_SCALE).contiguous(memory_format=torch.channels_last)


def varied(picture: Image.Image, exclusive: bool) -> Tensor:
    """A random crop, mirrored or not, recoloured: float [3, 224, 224] in 0..255.

    With one label the crop is about square; with several it is of the picture stretched to the
    frame, as in scoring, because what is at the ends of a long picture counts too.
    """
    frame = _frame(picture, _random_crop(picture, exclusive))
    return _recoloured(frame.flip(2) if torch.rand(()) < 0.5 else frame)


def _frame(picture: Image.Image, crop: Crop | None) -> Tensor:
    part = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=crop)
    return torch.from_numpy(np.array(part, np.float32)).permute(2, 0, 1)


def _centre(picture: Image.Image) -> Crop:
    side = CENTRE * min(picture.size)
    left, top = (picture.width - side) / 2, (picture.height - side) / 2
    return left, top, left + side, top + side


def _random_crop(picture: Image.Image, exclusive: bool) -> Crop:
    """Half to all of the largest square, or of the whole picture, its sides stretched by 8 %."""
    area, stretch = (_uniform(0.5, 1.0) ** 0.5, _uniform(0.92, 1 / 0.92))
    shorter = min(picture.size)
    whole = (shorter, shorter) if exclusive else picture.size
    width = min(whole[0] * area * stretch, picture.width)
    height = min(whole[1] * area / stretch, picture.height)
    left, top = _uniform(0, picture.width - width), _uniform(0, picture.height - height)
    return left, top, left + width, top + height


def _recoloured(frame: Tensor) -> Tensor:
    brightness, contrast, saturation = (_uniform(1 - COLOUR, 1 + COLOUR) for _ in range(3))
    grey = (frame * LUMINANCE).sum(0, keepdim=True)
    mixed = (grey + saturation * (frame - grey)) * brightness
    return (PIXEL_MEAN + contrast * (mixed - PIXEL_MEAN)).clamp(0, 255)


def _uniform(low: float, high: float) -> float:
    return low + (high - low) * float(torch.rand(()))
