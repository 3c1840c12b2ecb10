"""Perceptual hash of an image (pHash: signs of low DCT coefficients), 256 bits by imagehash."""

from __future__ import annotations

from dataclasses import dataclass

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

HASH_SIDE = 16
WORDS = HASH_SIDE * HASH_SIDE // 64
ORIENTATIONS = 8  # four quarter turns, each also mirrored; the first is the image as it is
MIN_SIDE = 128  # pixels; a picture decoded no smaller hashes as the whole one does

_SIDE = HASH_SIDE * 4  # of what imagehash transforms
_BLANK_DEVIATION = 3.0  # grey levels; below, the bits come from noise

Hashes = NDArray[np.uint64]
"""... x ORIENTATIONS x WORDS."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hashes to compare by Hamming distance: recoded copies differ by some 5 bits, others by 60."""

    hashes: Hashes  # ORIENTATIONS x WORDS
    brightness: float  # mean grey level 0..255, the same in every orientation
    is_blank: bool  # hardly any contrast: the hashes are noise


def fingerprint(pixels: NDArray[np.uint8]) -> Fingerprint:
    """Hash RGB pixels [height, width, 3]: at least MIN_SIDE a side, or the whole image."""
    image = Image.fromarray(pixels).convert("L")
    grey = np.asarray(image.resize((_SIDE, _SIDE), Image.Resampling.BOX))
    hashes = np.stack([_hash(turned) for turned in _orientations(grey)])
    return Fingerprint(hashes, float(grey.mean()), bool(grey.std() < _BLANK_DEVIATION))


def _orientations(grey: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    return [np.rot90(seen, turns) for seen in (grey, grey[:, ::-1]) for turns in range(4)]


def _hash(grey: NDArray[np.uint8]) -> Hashes:
    found = imagehash.phash(Image.fromarray(np.ascontiguousarray(grey)), hash_size=HASH_SIDE)
    return np.packbits(found.hash.ravel()).view(np.uint64)
