"""Things to put into scenes: rendered objects with transparent surroundings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from PIL import Image

KEPT_SIDE = 192  # pixels of a decoded object
NAMED = 250  # objects with a label of their own
LABELS = NAMED + 1  # all others share the last
NAMED_SHARE = 0.6  # of the choices that are among the named, on top of chance
SKIN_TONES = ("1f3fb", "1f3fc", "1f3fd", "1f3fe", "1f3ff")

TURNED, MIRRORED = 0.5, 0.5  # shares of the things put into scenes
LARGEST_TURN = 40.0  # degrees, either way
LARGEST_STRETCH = 0.25  # logarithm of the change of each side
SOLID = 100  # alpha from which a pixel counts for the box


@dataclass(frozen=True, slots=True)
class Thing:
    picture: Image.Image  # RGBA
    label: int


class Objects:
    """Endless things; a few hundred come often enough to be distinguished."""

    def __init__(self, files: Sequence[Path], rng: Generator) -> None:
        """The same object with another tone of skin is left out."""
        plain = [file for file in files if not any(tone in file.name for tone in SKIN_TONES)]
        self._files = [plain[index] for index in rng.permutation(len(plain))]
        self._decoded: dict[int, Image.Image] = {}
        self._rng = rng

    def next(self) -> Thing:
        named = self._rng.random() < NAMED_SHARE
        index = int(self._rng.integers(NAMED if named else len(self._files)))
        return Thing(self._picture(index), min(index, NAMED))

    def _picture(self, index: int) -> Image.Image:
        if index not in self._decoded:
            with Image.open(self._files[index]) as stored:
                self._decoded[index] = stored.convert("RGBA").resize(
                    (KEPT_SIDE, KEPT_SIDE), Image.Resampling.BILINEAR
                )
        return self._decoded[index]


def posed(picture: Image.Image, side: float, rng: Generator) -> Image.Image | None:
    """The object at about `side` pixels, stretched, turned, mirrored, without any margin.

    None when nothing solid is left of it at that size.
    """
    stretch = rng.uniform(-LARGEST_STRETCH, LARGEST_STRETCH)
    size = max(8, int(side * math.exp(stretch))), max(8, int(side * math.exp(-stretch)))
    view = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    if rng.random() < TURNED:
        degrees = rng.uniform(-LARGEST_TURN, LARGEST_TURN)
        view = view.rotate(degrees, Image.Resampling.BILINEAR, expand=True)
    if rng.random() < MIRRORED:
        view = view.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    box = view.getchannel("A").point(lambda alpha: 255 * (alpha > SOLID)).getbbox()
    return view.crop(box) if box else None


def in_other_light(picture: Image.Image, rng: Generator) -> Image.Image:
    """Less contrast, and darker or brighter as a whole; alpha is kept."""
    colours = np.asarray(picture.convert("RGB"), np.float32)
    mean = colours.mean((0, 1))
    contrast, brightness = rng.uniform(0.4, 1.0), rng.uniform(0.6, 1.2)
    lit = (colours - mean) * np.float32(contrast) + mean * np.float32(brightness)
    other = Image.fromarray(lit.clip(0, 255).astype(np.uint8))
    other.putalpha(picture.getchannel("A"))
    return other


def faded(picture: Image.Image, opacity: float) -> Image.Image:
    fainter = picture.copy()
    fainter.putalpha(picture.getchannel("A").point(lambda alpha: int(alpha * opacity)))
    return fainter
