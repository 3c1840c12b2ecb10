"""Augments pictures and boxes: scale and shift jitter, tilt, mirroring, colour jitter, mosaics."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from lensmith.inference.image import Pixels
from lensmith.inference.preprocess import Placement, Size, render

PAD_VALUE = 127  # grey level outside the picture; zero after normalisation
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
MIN_VISIBLE = 0.3  # fraction of a box's area that must remain for the box to be kept
MIN_SIDE = 3.0  # pixels of a remaining box

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Jitter:
    """Ranges of random augmentation."""

    zoom: tuple[float, float]  # relative to the picture just fitting the input
    stretch: float = 1.15  # the sides' ratio may change by this factor, either way
    colour: float = 0.25  # change of brightness, contrast and saturation
    tint: float = 0.06  # change of each channel's gain
    tilt: float = 0.0  # degrees, either way


@dataclass(frozen=True, slots=True)
class Scene:
    """An image with its boxes."""

    pixels: Pixels  # [h, w, 3]
    boxes: Floats  # [k, 4] left, top, right, bottom in pixels
    labels: NDArray[np.int64]  # [k]

    def mirrored(self) -> Scene:
        width = self.pixels.shape[1]
        boxes = self.boxes.copy()
        boxes[:, [0, 2]] = width - self.boxes[:, [2, 0]]
        return Scene(self.pixels[:, ::-1], boxes, self.labels)


def random_placement(
    picture: Size,
    input_size: Size,
    area: Size,
    jitter: Jitter,
    rng: Generator,
    shown: Floats | None = None,
) -> Placement:
    """Draw a random scale and position of the picture in `area`, which it may overhang.

    With `shown`, a box in fractions of the picture, the area shows the box, whole where it fits.
    """
    fit = min(input_size[0] / picture[0], input_size[1] / picture[1])
    scale = fit * _between(rng, *jitter.zoom)
    stretch = math.sqrt(_between(rng, 1 / jitter.stretch, jitter.stretch))
    width = max(1, round(picture[0] * scale * stretch))
    height = max(1, round(picture[1] * scale / stretch))
    across = (0.0, 1.0) if shown is None else (float(shown[0]), float(shown[2]))
    down = (0.0, 1.0) if shown is None else (float(shown[1]), float(shown[3]))
    return Placement(
        _shift_showing(area[0], width, across, rng),
        _shift_showing(area[1], height, down, rng),
        width,
        height,
    )


def random_crop(picture: Size, input_size: Size, rng: Generator) -> Placement:
    """Draw a random resized crop: half to all of the area that a square can show."""
    fraction = math.sqrt(rng.uniform(0.5, 1.0))
    stretch = math.sqrt(_between(rng, 0.85, 1 / 0.85))
    scale = max(input_size[0] / picture[0], input_size[1] / picture[1]) / fraction
    width = max(input_size[0], round(picture[0] * scale * stretch))
    height = max(input_size[1], round(picture[1] * scale / stretch))
    return Placement(
        _shift(input_size[0] - width, rng), _shift(input_size[1] - height, rng), width, height
    )


def recoloured(pixels: Pixels, jitter: Jitter, rng: Generator) -> Pixels:
    """Jitter brightness, contrast, saturation and tint in one linear map of the channels."""
    brightness, contrast, saturation = 1 + rng.uniform(-jitter.colour, jitter.colour, 3)
    gains = 1 + rng.uniform(-jitter.tint, jitter.tint, 3)
    mixing = saturation * np.eye(3) + (1 - saturation) * LUMINANCE[None, :]
    mixing = (contrast * brightness * gains[:, None] * mixing).astype(np.float32)
    shift = np.float32((1 - contrast) * PAD_VALUE)
    mixed: Floats = pixels.astype(np.float32) @ mixing.T + shift
    return mixed.clip(0, 255).astype(np.uint8)


def tilted(pixels: Pixels, degrees: float, rng: Generator) -> Pixels:
    """Rotate by up to `degrees` either way; the size stays the same."""
    angle = rng.uniform(-degrees, degrees)
    turned = Image.fromarray(np.ascontiguousarray(pixels)).rotate(
        angle, Image.Resampling.BILINEAR, fillcolor=(PAD_VALUE,) * 3
    )
    return np.asarray(turned)


def placed(
    pixels: Pixels,
    boxes: Floats,  # [k, 4] fractions of the picture
    labels: NDArray[np.int64],
    placement: Placement,
    area: Size,
    tilt: float = 0.0,  # degrees, counter-clockwise
) -> Scene:
    """Render the picture at `placement` in `area`; keep the boxes that are still visible."""
    scale = np.array([placement.width, placement.height] * 2, np.float32)
    offset = np.array([placement.left, placement.top] * 2, np.float32)
    whole = _turned(boxes * scale + offset, area, tilt)
    limits = np.array([*area, *area], np.float32)
    seen = whole.clip(0, limits)
    sides, sides_seen = whole[:, 2:] - whole[:, :2], seen[:, 2:] - seen[:, :2]
    visible = sides_seen.prod(1) >= MIN_VISIBLE * sides.prod(1)
    visible &= sides_seen.min(1, initial=np.inf) >= np.minimum(
        MIN_SIDE, sides.min(1, initial=np.inf)
    )
    return Scene(_tilted_view(pixels, placement, area, tilt), seen[visible], labels[visible])


def _tilted_view(pixels: Pixels, placement: Placement, area: Size, tilt: float) -> Pixels:
    """Render the area rotated about its middle, with a margin so that no corner is empty."""
    if not tilt:
        return render(pixels, placement, area, PAD_VALUE)
    margin = math.ceil(max(area) * math.sin(math.radians(abs(tilt))) / 2)
    wide = Placement(
        placement.left + margin, placement.top + margin, placement.width, placement.height
    )
    drawn = render(pixels, wide, (area[0] + 2 * margin, area[1] + 2 * margin), PAD_VALUE)
    turned = Image.fromarray(drawn).rotate(
        tilt, Image.Resampling.BILINEAR, fillcolor=(PAD_VALUE,) * 3
    )
    return np.asarray(turned)[margin : margin + area[1], margin : margin + area[0]]


def _turned(boxes: Floats, area: Size, tilt: float) -> Floats:
    """Rotate `boxes` [k, 4] in pixels with their area; returns upright boxes.

    Objects fill their boxes more than an ellipse does and less than a rectangle: the new box lies
    halfway between the boxes around either.
    """
    if not tilt:
        return boxes
    cos, sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    middle = np.array(area, np.float32) / 2
    x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2 - middle).T
    centres = np.stack([x * cos + y * sin, y * cos - x * sin], 1) + middle
    halves = (boxes[:, 2:] - boxes[:, :2]) / 2
    turn = np.abs(np.array([[cos, sin], [sin, cos]], np.float32))
    halves = (halves @ turn + np.sqrt(halves**2 @ turn**2)) / 2
    turned: Floats = np.concatenate([centres - halves, centres + halves], 1).astype(np.float32)
    return turned


def joined(parts: list[tuple[Scene, tuple[int, int]]], input_size: Size) -> Scene:
    """Join scenes into a mosaic, each at its left and top corner."""
    pixels = np.full((input_size[1], input_size[0], 3), PAD_VALUE, np.uint8)
    for scene, (left, top) in parts:
        height, width = scene.pixels.shape[:2]
        pixels[top : top + height, left : left + width] = scene.pixels
    boxes = [scene.boxes + np.array(corner * 2, np.float32) for scene, corner in parts]
    labels = [scene.labels for scene, _ in parts]
    return Scene(pixels, np.concatenate(boxes), np.concatenate(labels))


def _between(rng: Generator, low: float, high: float) -> float:
    """Draw log-uniformly, so that halving is as likely as doubling."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def _shift_showing(area: int, side: int, span: tuple[float, float], rng: Generator) -> int:
    """Draw the start of a side that covers the area or lies in it, with the span visible.

    A span that is longer than the area covers it.
    """
    low, high = min(area - side, 0), max(area - side, 0)
    near, far = -span[0] * side, area - span[1] * side
    first, last = math.floor(min(near, far)), math.ceil(max(near, far))
    return int(rng.integers(max(low, first), min(high, last), endpoint=True))


def _shift(room: int, rng: Generator) -> int:
    return int(rng.integers(min(room, 0), max(room, 0), endpoint=True))
