"""Other views of a picture: moved, scaled, mirrored, recoloured, put together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from lensmith.inference.image import Pixels
from lensmith.inference.preprocess import Placement, Size, render

GREY = 127  # where no picture is; zero after normalisation
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
LEAST_VISIBLE = 0.3  # share of a box's area that must remain for it to count
LEAST_SIDE = 3.0  # pixels of a remaining box

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Jitter:
    """How far a view may differ from the picture."""

    zoom: tuple[float, float]  # relative to the picture just fitting the frame
    stretch: float = 1.15  # the sides' ratio may change by this factor, either way
    colour: float = 0.25  # change of brightness, contrast and saturation
    tint: float = 0.06  # change of each channel's gain


@dataclass(frozen=True, slots=True)
class Scene:
    """A frame with its boxes."""

    pixels: Pixels  # [h, w, 3]
    boxes: Floats  # [k, 4] left, top, right, bottom in pixels
    labels: NDArray[np.int64]  # [k]

    def mirrored(self) -> Scene:
        width = self.pixels.shape[1]
        boxes = self.boxes.copy()
        boxes[:, [0, 2]] = width - self.boxes[:, [2, 0]]
        return Scene(self.pixels[:, ::-1], boxes, self.labels)


def random_placement(
    picture: Size, frame: Size, area: Size, jitter: Jitter, chance: Generator
) -> Placement:
    """The picture zoomed relative to the frame and moved in the area, which it may overhang."""
    fit = min(frame[0] / picture[0], frame[1] / picture[1])
    scale = fit * _between(chance, *jitter.zoom)
    stretch = math.sqrt(_between(chance, 1 / jitter.stretch, jitter.stretch))
    width = max(1, round(picture[0] * scale * stretch))
    height = max(1, round(picture[1] * scale / stretch))
    return Placement(
        _shift(area[0] - width, chance), _shift(area[1] - height, chance), width, height
    )


def random_crop(picture: Size, frame: Size, chance: Generator) -> Placement:
    """A part of the picture that fills the frame: half to all of what a square can show."""
    share = math.sqrt(chance.uniform(0.5, 1.0))
    stretch = math.sqrt(_between(chance, 0.85, 1 / 0.85))
    scale = max(frame[0] / picture[0], frame[1] / picture[1]) / share
    width = max(frame[0], round(picture[0] * scale * stretch))
    height = max(frame[1], round(picture[1] * scale / stretch))
    return Placement(
        _shift(frame[0] - width, chance), _shift(frame[1] - height, chance), width, height
    )


def recoloured(pixels: Pixels, jitter: Jitter, chance: Generator) -> Pixels:
    """Brightness, contrast, saturation and tint changed in one linear map of the channels."""
    brightness, contrast, saturation = 1 + chance.uniform(-jitter.colour, jitter.colour, 3)
    gains = 1 + chance.uniform(-jitter.tint, jitter.tint, 3)
    mixing = saturation * np.eye(3) + (1 - saturation) * LUMINANCE[None, :]
    mixing = (contrast * brightness * gains[:, None] * mixing).astype(np.float32)
    shift = np.float32((1 - contrast) * GREY)
    mixed: Floats = pixels.astype(np.float32) @ mixing.T + shift
    return mixed.clip(0, 255).astype(np.uint8)


def tilted(pixels: Pixels, degrees: float, chance: Generator) -> Pixels:
    """The picture turned by up to so many degrees either way, its own frame kept."""
    angle = chance.uniform(-degrees, degrees)
    turned = Image.fromarray(np.ascontiguousarray(pixels)).rotate(
        angle, Image.Resampling.BILINEAR, fillcolor=(GREY,) * 3
    )
    return np.asarray(turned)


def placed(
    pixels: Pixels,
    boxes: Floats,  # [k, 4] fractions of the picture
    labels: NDArray[np.int64],
    placement: Placement,
    frame: Size,
) -> Scene:
    """The frame with the picture at `placement`, and the boxes that can still be seen in it."""
    scale = np.array([placement.width, placement.height] * 2, np.float32)
    offset = np.array([placement.left, placement.top] * 2, np.float32)
    whole = boxes * scale + offset
    limits = np.array([*frame, *frame], np.float32)
    seen = whole.clip(0, limits)
    sides, sides_seen = whole[:, 2:] - whole[:, :2], seen[:, 2:] - seen[:, :2]
    visible = sides_seen.prod(1) >= LEAST_VISIBLE * sides.prod(1)
    visible &= sides_seen.min(1, initial=np.inf) >= np.minimum(
        LEAST_SIDE, sides.min(1, initial=np.inf)
    )
    return Scene(render(pixels, placement, frame, GREY), seen[visible], labels[visible])


def joined(parts: list[tuple[Scene, tuple[int, int]]], frame: Size) -> Scene:
    """Scenes put beside each other, each at its left and top corner."""
    pixels = np.full((frame[1], frame[0], 3), GREY, np.uint8)
    for scene, (left, top) in parts:
        height, width = scene.pixels.shape[:2]
        pixels[top : top + height, left : left + width] = scene.pixels
    boxes = [scene.boxes + np.array(corner * 2, np.float32) for scene, corner in parts]
    labels = [scene.labels for scene, _ in parts]
    return Scene(pixels, np.concatenate(boxes), np.concatenate(labels))


def _between(chance: Generator, low: float, high: float) -> float:
    """Uniform in the logarithm, so that halving is as likely as doubling."""
    return math.exp(chance.uniform(math.log(low), math.log(high)))


def _shift(room: int, chance: Generator) -> int:
    return int(chance.integers(min(room, 0), max(room, 0), endpoint=True))
