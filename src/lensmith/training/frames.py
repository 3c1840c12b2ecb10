"""Training frames: pictures with boxes, seen anew each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from lensmith.inference.preprocess import Size
from lensmith.training.assign import Truth
from lensmith.training.augment import (
    Jitter,
    Scene,
    joined,
    placed,
    random_placement,
    recoloured,
)
from lensmith.training.example import Example
from lensmith.training.pictures import PictureCache

ALONE = Jitter(zoom=(0.7, 1.6))
IN_MOSAIC = Jitter(zoom=(0.5, 1.1))


class Frames:
    """Endless batches from the examples, each picture as often as any other."""

    def __init__(self, examples: Sequence[Example], frame: Size, chance: Generator) -> None:
        working_side = round(min(frame) * ALONE.zoom[1])  # sharp at the largest zoom
        self._pictures = PictureCache([example.image for example in examples], working_side)
        self._boxes = [_corners(example) for example in examples]
        self._labels = [
            np.array([label for label, _ in example.boxes], np.int64) for example in examples
        ]
        self._frame = frame
        self._chance = chance
        self._order = self._shuffled()

    def batch(self, size: int, mosaic: float) -> tuple[Tensor, Truth]:
        """uint8 [n, h, w, 3] and what is in it; a share `mosaic` is made of four pictures."""
        scenes = [
            self._mosaic() if self._chance.random() < mosaic else self._single()
            for _ in range(size)
        ]
        scenes = [scene.mirrored() if self._chance.random() < 0.5 else scene for scene in scenes]
        pixels = [recoloured(scene.pixels, ALONE, self._chance) for scene in scenes]
        return torch.from_numpy(np.stack(pixels)), padded(scenes)

    def _single(self) -> Scene:
        return self._placed(next(self._order), self._frame, ALONE)

    def _mosaic(self) -> Scene:
        """Four pictures around a random point; only the first is taken in turn."""
        width, height = self._frame
        x, y = (int(side * self._chance.uniform(0.3, 0.7)) for side in self._frame)
        corners = [(0, 0), (x, 0), (0, y), (x, y)]
        sizes = [(x, y), (width - x, y), (x, height - y), (width - x, height - y)]
        others = self._chance.integers(len(self._pictures), size=3).tolist()
        parts = [
            (self._placed(index, size, IN_MOSAIC), corner)
            for index, size, corner in zip(
                [next(self._order), *others], sizes, corners, strict=True
            )
        ]
        return joined(parts, self._frame)

    def _placed(self, index: int, area: Size, jitter: Jitter) -> Scene:
        """One picture, scaled against the whole frame, in an area of it."""
        pixels = self._pictures[index]
        size = pixels.shape[1], pixels.shape[0]
        placement = random_placement(size, self._frame, area, jitter, self._chance)
        return placed(pixels, self._boxes[index], self._labels[index], placement, area)

    def _shuffled(self) -> Iterator[int]:
        while True:
            yield from self._chance.permutation(len(self._pictures)).tolist()


def padded(scenes: Sequence[Scene]) -> Truth:
    """The boxes of every scene, as many rows as the fullest has (one at least)."""
    rows = max(1, *(len(scene.boxes) for scene in scenes))
    boxes = torch.zeros(len(scenes), rows, 4)
    labels = torch.full((len(scenes), rows), -1)
    for index, scene in enumerate(scenes):
        boxes[index, : len(scene.boxes)] = torch.from_numpy(scene.boxes)
        labels[index, : len(scene.boxes)] = torch.from_numpy(scene.labels)
    return Truth(boxes, labels)


def _corners(example: Example) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """[k, 4] left, top, right, bottom in fractions of the picture."""
    boxes = [box.clamped() for _, box in example.boxes]
    corners = [(box.left, box.top, box.left + box.width, box.top + box.height) for box in boxes]
    return np.array(corners, np.float32).reshape(-1, 4)
