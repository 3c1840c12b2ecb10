"""Measures an image to be recognised when others show its scene a little moved or relit."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lensmith.health.fingerprint import Fingerprint, fingerprint

SIDE = 48  # pixels of the detail
COLOURS = 64  # cells of chroma

_FINE, _COARSE = 1.0, 4.0  # pixels; the band between them is kept
_FLAT = 2.0  # grey levels; fainter detail counts less
_DATE_TIME_ORIGINAL, _EXIF_DIRECTORY = 0x9003, 0x8769

Detail = NDArray[np.float32]
"""... x SIDE x SIDE, of norm 1 and faded towards its edges."""


@dataclass(frozen=True, slots=True)
class SceneLook:
    """Looks to compare; some 11 kilobytes."""

    detail: Detail
    colours: NDArray[np.float32]  # [COLOURS], of norm 1
    fingerprint: Fingerprint
    taken_at: float | None = None  # seconds, by the camera's clock


def scene_look(pixels: NDArray[np.uint8], taken_at: float | None = None) -> SceneLook:
    """Look at RGB pixels [height, width, 3]."""
    image = Image.fromarray(pixels)
    grey = image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    return SceneLook(_detail(np.asarray(grey)), _colours(image), fingerprint(pixels), taken_at)


def taken_at(data: bytes) -> float | None:
    """Read when a camera took the picture (EXIF DateTimeOriginal), in seconds; None if unsaid."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            written = image.getexif().get_ifd(_EXIF_DIRECTORY).get(_DATE_TIME_ORIGINAL)
        # A camera's clock has no zone; only differences count.
        return datetime.strptime(str(written), "%Y:%m:%d %H:%M:%S").timestamp()
    except (OSError, ValueError, SyntaxError, OverflowError, Image.DecompressionBombError):
        return None


def _detail(grey: NDArray[np.uint8]) -> Detail:
    """Difference of Gaussians, evened out in contrast: layout and light of the picture drop out."""
    # A third of what a training imports to check its manifests, which often ends it.
    from scipy.ndimage import gaussian_filter

    levels = grey.astype(np.float32)
    band = gaussian_filter(levels, _FINE) - gaussian_filter(levels, _COARSE)
    even = band / (np.sqrt(gaussian_filter(band * band, 1.5 * _COARSE)) + _FLAT)
    window = np.hanning(SIDE + 2)[1:-1]
    faded = (even - even.mean()) * np.outer(window, window)
    scaled: Detail = (faded / max(float(np.linalg.norm(faded)), 1e-6)).astype(np.float32)
    return scaled


def _colours(image: Image.Image) -> NDArray[np.float32]:
    small = np.asarray(image.convert("YCbCr").resize((64, 64), Image.Resampling.BOX))
    cells = np.clip((small[..., 1:].reshape(-1, 2).astype(int) - 64) // 16, 0, 7)
    counts = np.bincount(cells[:, 0] * 8 + cells[:, 1], minlength=COLOURS)
    roots = np.sqrt(counts)
    scaled: NDArray[np.float32] = (roots / np.linalg.norm(roots)).astype(np.float32)
    return scaled
