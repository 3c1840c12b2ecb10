"""Batches of augmented pictures with boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from lensmith.inference.preprocess import Size
from lensmith.training.data.augment import (
    Floats,
    Jitter,
    Scene,
    joined,
    placed,
    random_placement,
    recoloured,
)
from lensmith.training.data.example import Example
from lensmith.training.data.pictures import PictureCache
from lensmith.training.detector.assignment import GroundTruthBoxes

SINGLE_JITTER = Jitter(zoom=(0.7, 1.6), tilt=7.0)
MOSAIC_JITTER = Jitter(zoom=(0.5, 1.1), tilt=7.0)
TILT_PROBABILITY = 0.5
MAX_WORKING_SIDE = 1664  # of pictures' shorter sides; of larger ones few fit into the cache
FOCUS_PROBABILITY = 0.8  # that a view is placed to show a box


class DetectionBatchSource(Protocol):
    """Makes batches to train a detector on."""

    def batch(self, size: int, mosaic: float) -> tuple[Tensor, GroundTruthBoxes]:
        """Return images uint8 [n, h, w, 3] and their boxes; a fraction `mosaic` is mosaics."""
        ...


class DetectionBatches:
    """Draws endless batches from the examples, each picture as often as any other.

    A view crops a picture at about the scale that it has in serving, most often around a box:
    small objects are seen at their serving size, and little time goes into background.
    """

    def __init__(
        self, examples: Sequence[Example], input_size: Size, view: Size, rng: Generator
    ) -> None:
        sharp = round(min(input_size) * SINGLE_JITTER.zoom[1])  # at the largest zoom
        working_side = min(sharp, MAX_WORKING_SIDE)
        self._pictures = PictureCache([example.image for example in examples], working_side)
        self._boxes = [_corners(example) for example in examples]
        self._labels = [
            np.array([label for label, _ in example.boxes], np.int64) for example in examples
        ]
        self._input_size = input_size
        self._view = view
        self._rng = rng
        self._weights = [label_weights(labels, self._labels) for labels in self._labels]
        self.learn_from(range(len(examples)))

    def learn_from(self, pictures: Sequence[int]) -> None:
        """Draw batches from these pictures only."""
        self._learning = np.array(pictures, np.intp)
        self._order = self._shuffled()

    def batch(self, size: int, mosaic: float) -> tuple[Tensor, GroundTruthBoxes]:
        """Return images uint8 [n, h, w, 3] and their boxes; a fraction `mosaic` is mosaics."""
        scenes = [
            self._mosaic() if self._rng.random() < mosaic else self._single() for _ in range(size)
        ]
        scenes = [scene.mirrored() if self._rng.random() < 0.5 else scene for scene in scenes]
        pixels = [recoloured(scene.pixels, SINGLE_JITTER, self._rng) for scene in scenes]
        return torch.from_numpy(np.stack(pixels)), padded(scenes)

    def _single(self) -> Scene:
        return self._placed(next(self._order), self._view, SINGLE_JITTER)

    def _mosaic(self) -> Scene:
        """Join the next picture and three random ones (YOLOv4, Bochkovskiy et al., 2020)."""
        width, height = self._view
        x, y = (int(side * self._rng.uniform(0.3, 0.7)) for side in self._view)
        corners = [(0, 0), (x, 0), (0, y), (x, y)]
        sizes = [(x, y), (width - x, y), (x, height - y), (width - x, height - y)]
        others = self._rng.choice(self._learning, size=3).tolist()
        parts = [
            (self._placed(index, size, MOSAIC_JITTER), corner)
            for index, size, corner in zip(
                [next(self._order), *others], sizes, corners, strict=True
            )
        ]
        return joined(parts, self._view)

    def _placed(self, index: int, area: Size, jitter: Jitter) -> Scene:
        """Place one picture, scaled relative to the input size, in an area of it."""
        pixels = self._pictures[index]
        size = pixels.shape[1], pixels.shape[0]
        placement = random_placement(
            size, self._input_size, area, jitter, self._rng, self._box_in_view(index)
        )
        tilted = jitter.tilt > 0 and self._rng.random() < TILT_PROBABILITY
        tilt = self._rng.uniform(-jitter.tilt, jitter.tilt) if tilted else 0.0
        return placed(pixels, self._boxes[index], self._labels[index], placement, area, tilt)

    def _box_in_view(self, index: int) -> Floats | None:
        """Draw the box that a view must show, if any; rare labels more often."""
        boxes = self._boxes[index]
        if not len(boxes) or self._rng.random() >= FOCUS_PROBABILITY:
            return None
        shown: Floats = boxes[self._rng.choice(len(boxes), p=self._weights[index])]
        return shown

    def _shuffled(self) -> Iterator[int]:
        while True:
            yield from self._rng.permutation(self._learning).tolist()


def label_weights(
    labels: NDArray[np.int64], everywhere: Sequence[NDArray[np.int64]]
) -> NDArray[np.float64]:
    """Compute the probability of each box [k], by the root of its label's rarity."""
    counts = np.bincount(np.concatenate([*everywhere, labels[:0]]), minlength=1)
    weights = 1 / np.sqrt(counts[labels])
    probabilities: NDArray[np.float64] = weights / max(weights.sum(), 1e-9)
    return probabilities


def padded(scenes: Sequence[Scene]) -> GroundTruthBoxes:
    """Stack the boxes of all scenes, padded to the longest list (one row at least)."""
    rows = max(1, *(len(scene.boxes) for scene in scenes))
    boxes = torch.zeros(len(scenes), rows, 4)
    labels = torch.full((len(scenes), rows), -1)
    for index, scene in enumerate(scenes):
        boxes[index, : len(scene.boxes)] = torch.from_numpy(scene.boxes)
        labels[index, : len(scene.boxes)] = torch.from_numpy(scene.labels)
    return GroundTruthBoxes(boxes, labels)


def _corners(example: Example) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Convert boxes to [k, 4] left, top, right, bottom in fractions of the picture."""
    boxes = [box.clamped() for _, box in example.boxes]
    corners = [(box.left, box.top, box.left + box.width, box.top + box.height) for box in boxes]
    return np.array(corners, np.float32).reshape(-1, 4)
