"""Frames with boxes that a detector learns from, none of them a photograph of the things."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.random import Generator
from PIL import Image, ImageFilter
from torch import Tensor

from lensmith.inference.image import Pixels
from lensmith.training.data.augment import Floats, Jitter, Scene, recoloured
from lensmith.training.detector.assignment import GroundTruthBoxes
from lensmith.training.detector.batches import padded
from research.drawing.canvas import Canvas
from research.pretraining.grounds import Grounds
from research.pretraining.objects import Objects, Thing, faded, in_other_light, posed

SIDE = 256
MORE_THINGS, MOST_THINGS = 0.7, 16  # two things, probability of one more, at most
ALIKE, REPEATED = 0.4, 0.7  # share of scenes with many of one kind; how many of their things
SMALLEST = 12.0  # pixels a side of a thing
LARGEST = (0.25, 0.9)  # share of the frame of a scene's largest thing, by scene
IN_OTHER_LIGHT, FADED, OPACITY = 0.3, 0.2, 0.75  # shares of things; how faded
BLURRED, NOISY = 0.25, 0.25  # shares of scenes
LIGHT = Jitter(zoom=(1, 1))  # of whole scenes


class Scenes:
    """Endless batches of new scenes."""

    def __init__(self, objects: Objects, grounds: Grounds, rng: Generator) -> None:
        self._objects = objects
        self._grounds = grounds
        self._rng = rng

    def batch(self, size: int, mosaic: float) -> tuple[Tensor, GroundTruthBoxes]:  # noqa: ARG002
        """uint8 [n, 256, 256, 3] and what is in it; scenes are full enough without mosaics."""
        scenes = [self._scene() for _ in range(size)]
        return torch.from_numpy(np.stack([scene.pixels for scene in scenes])), padded(scenes)

    def _scene(self) -> Scene:
        canvas = Canvas(self._grounds.next())
        largest = SIDE * self._rng.uniform(*LARGEST)
        for thing in self._things():
            side = math.exp(self._rng.uniform(math.log(SMALLEST), math.log(largest)))
            self._put(thing, side, canvas)
        return canvas.scene(recoloured(self._photographed(canvas.picture), LIGHT, self._rng))

    def _things(self) -> list[Thing]:
        """A few things of any kind, or many of them of one kind."""
        rng = self._rng
        count = min(1 + int(rng.geometric(1 - MORE_THINGS)), MOST_THINGS)
        first, repeated = self._objects.next(), REPEATED * (rng.random() < ALIKE)
        return [first if rng.random() < repeated else self._objects.next() for _ in range(count)]

    def _put(self, thing: Thing, side: float, canvas: Canvas) -> None:
        """Anywhere, overhanging the frame by a quarter at most."""
        rng = self._rng
        picture = posed(thing.picture, side, rng)
        if picture is None:
            return
        if rng.random() < IN_OTHER_LIGHT:
            picture = in_other_light(picture, rng)
        if rng.random() < FADED:
            picture = faded(picture, OPACITY)
        x, y = (int(rng.integers(-length // 4, SIDE - 3 * length // 4)) for length in picture.size)
        canvas.put(picture, thing.label, (x, y))

    def _photographed(self, picture: Image.Image) -> Pixels:
        """As a camera would have it: now and then out of focus, now and then grainy."""
        rng = self._rng
        if rng.random() < BLURRED:
            picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.2)))
        pixels = np.asarray(picture)
        if rng.random() >= NOISY:
            return pixels
        grain = rng.standard_normal(pixels.shape, np.float32) * np.float32(rng.uniform(2, 14))
        grainy: Floats = (pixels + grain).clip(0, 255)
        return grainy.astype(np.uint8)
