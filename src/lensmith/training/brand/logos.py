"""Cuts logos out of their pictures, without the plain background."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lensmith.domain.readable import Readable
from lensmith.inference.image import Pixels, read_header, upright
from lensmith.inference.image import decode as decoded
from lensmith.training.data.augment import LUMINANCE, Floats

WORKING_SIDE = 320  # of a logo's longer side, at most
CORNER_FRACTION = 0.03  # of the picture's shorter side: the patch that each corner is judged by
SAME_COLOUR = 24.0  # two backgrounds; of 255, in the channel that differs most
MIN_BORDER = 0.08  # fraction of the outermost pixels that a plain background must have
NOISE = 16.0  # difference from the background that JPEG makes
FULL_INK_FRACTION = 0.5  # of the usual difference between ink and background, from which ink covers
MIN_INK, MAX_INK = 0.004, 0.985  # fractions of the picture
MIN_LOGO_SIDE = 8  # a side of a logo
SOFT_EDGE = 0.03  # of the longer side, for pictures without a plain background
FLAT = 12.0  # deviation of luminance within a logo of one tone

Alpha = NDArray[np.float32]
"""[h, w] in 0..1."""


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo cut out without a margin, at its own size and at halves of it."""

    label: int
    layers: tuple[Image.Image, ...]  # RGBA, each half the size of the one before
    colour: Floats  # [3] of the ink, on average
    background: Floats | None  # [3] the colour that it was cut from
    is_flat: bool  # of one tone, so that its outline says all

    def layer(self, side: float) -> Image.Image:
        """Return the smallest layer whose longer side has at least `side` pixels."""
        fitting = [one for one in self.layers if max(one.size) >= side]
        return fitting[-1] if fitting else self.layers[0]


def read_logo(path: Readable, label: int) -> Logo:
    """Cut the logo out of a picture that shows nothing else.

    Transparency marks the logo, or else a background of one colour in all four corners. A picture
    with neither is taken as it is, softened at its edge.
    """
    pixels, alpha = _opened(path)
    if alpha is None or not alpha.min() < 1:
        return cut_logo(pixels, label)
    return _logo(label, pixels.astype(np.float32), alpha, None)


def cut_logo(pixels: Pixels, label: int) -> Logo:
    """Cut the logo out of an opaque picture."""
    colours = pixels.astype(np.float32)
    background = plain_background(colours)
    if background is not None:
        alpha = ink_coverage(colours, background)
        if MIN_INK <= float(alpha.mean()) <= MAX_INK:
            return _logo(label, _without_background(colours, alpha, background), alpha, background)
    return _logo(label, colours, _soft_rectangle(colours.shape[:2]), None)


def one_tone_logo(stencil: Image.Image, label: int) -> Logo:
    """Make a logo of one colour from its outline, an image of mode L."""
    return toned_logo(Image.new("RGB", stencil.size), stencil, label)


def toned_logo(picture: Image.Image, outline: Image.Image, label: int) -> Logo:
    """Make a logo with the picture's colours inside the outline, an image of mode L."""
    alpha = np.asarray(outline, np.float32) / np.float32(255)
    return _logo(label, np.asarray(picture, np.float32), alpha, None)


def plain_background(colours: Floats) -> Floats | None:
    """Return the colour [3] that a picture's [h, w, 3] corners share and its border often has."""
    side = max(2, round(min(colours.shape[:2]) * CORNER_FRACTION))
    ends = (slice(None, side), slice(-side, None))
    corners = np.array([np.median(colours[y, x], axis=(0, 1)) for y in ends for x in ends])
    background: Floats = np.median(corners, axis=0).astype(np.float32)
    if np.abs(corners - background).max() > SAME_COLOUR:
        return None
    border = np.concatenate([colours[0], colours[-1], colours[:, 0], colours[:, -1]])
    is_background = np.abs(border - background).max(1) <= SAME_COLOUR
    return background if is_background.mean() >= MIN_BORDER else None


def ink_coverage(colours: Floats, background: Floats) -> Alpha:
    """Estimate each pixel's coverage by ink, from its distance to the background."""
    difference = np.abs(colours - background).max(2)
    inked = difference[difference > SAME_COLOUR]
    if not inked.size:
        return np.zeros(difference.shape, np.float32)
    full = max(float(np.percentile(inked, 90)) * FULL_INK_FRACTION, NOISE + 8)
    fraction: Alpha = ((difference - NOISE) / (full - NOISE)).clip(0, 1).astype(np.float32)
    return fraction


def _without_background(colours: Floats, alpha: Alpha, background: Floats) -> Floats:
    """Remove the background's colour from soft edges."""
    covered = alpha.clip(0.3, 1)[..., None]
    own: Floats = (background + (colours - background) / covered).clip(0, 255).astype(np.float32)
    return own


def _soft_rectangle(shape: tuple[int, ...]) -> Alpha:
    edge = max(shape) * SOFT_EDGE
    down, across = (np.arange(length, dtype=np.float32) + 0.5 for length in shape)
    inwards = np.minimum.outer(
        np.minimum(down, shape[0] - down), np.minimum(across, shape[1] - across)
    )
    alpha: Alpha = (0.5 + inwards / max(edge, 1.0)).clip(0, 1).astype(np.float32)
    return alpha


def _logo(label: int, colours: Floats, alpha: Alpha, background: Floats | None) -> Logo:
    rows, columns = (np.flatnonzero((alpha > 0.5).any(axis)) for axis in (1, 0))
    if min(rows.size, columns.size) < MIN_LOGO_SIDE:  # empty, or dust
        alpha = _soft_rectangle(alpha.shape)
        rows, columns = (np.arange(length) for length in alpha.shape)
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    colours, alpha = colours[window], alpha[window]
    whole = Image.fromarray(
        np.dstack([colours, alpha * 255]).round().clip(0, 255).astype(np.uint8), "RGBA"
    )
    inked = colours[alpha > 0.9] if (alpha > 0.9).any() else colours[alpha > 0.5]
    return Logo(label, _halves(whole), inked.mean(0), background, _is_flat(inked))


def _halves(whole: Image.Image) -> tuple[Image.Image, ...]:
    scale = min(1.0, WORKING_SIDE / max(whole.size))
    layers = [_scaled(whole, scale)]
    while min(layers[-1].size) >= 4 * MIN_LOGO_SIDE:
        layers.append(_scaled(layers[-1], 0.5))
    return tuple(layers)


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image if size == image.size else image.resize(size, Image.Resampling.BOX)


def _is_flat(ink: Floats) -> bool:
    return float((ink @ LUMINANCE).std()) < FLAT


def _opened(path: Readable) -> tuple[Pixels, Alpha | None]:
    """Read upright colours, and the alpha channel if there is one."""
    data = path.read_bytes()
    header = read_header(data)
    with Image.open(BytesIO(data), formats=(header.format.value,)) as image:
        if not image.has_transparency_data:
            return decoded(data, header), None
        layers = np.asarray(image.convert("RGBA"))
    layers = upright(layers, header.orientation)
    return layers[..., :3], layers[..., 3].astype(np.float32) / np.float32(255)
