"""Batches of augmented whole pictures with their labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from lensmith.inference.artefact import Preprocessing
from lensmith.inference.image import Pixels
from lensmith.inference.preprocess import Size, place, render, rendered
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.data.augment import (
    PAD_VALUE,
    Jitter,
    random_crop,
    random_placement,
    recoloured,
    tilted,
)
from lensmith.training.data.pictures import PictureCache

JITTER = Jitter(zoom=(0.75, 1.25))
TILT = 10.0  # degrees, either way
SHARPNESS = 1.4  # side of cached pictures relative to the input


class ClassificationBatches:
    """Draws batches of augmented pictures, each picture as often as any other.

    Unless labels exclude each other, pictures can be joined into a collage with all their labels.
    """

    def __init__(
        self,
        data: LabelledPictures,
        input_size: Size,
        preprocessing: Preprocessing,
        rng: Generator,
    ) -> None:
        paths = [example.image for example in data.examples]
        self._pictures = PictureCache(paths, round(max(input_size) * SHARPNESS))
        self._truth = data.truth.astype(np.float32)
        self._input_size = input_size
        self._preprocessing = preprocessing
        self._rng = rng
        self._exclusive = data.exclusive
        self._order: Iterator[int] = iter(())
        self._learning: Sequence[int] = range(len(paths))

    def __len__(self) -> int:
        return len(self._pictures)

    def with_rng(self, rng: Generator) -> ClassificationBatches:
        """Return a copy that shares the decoded pictures and draws from `rng`."""
        other = copy(self)
        other._rng = rng
        return other

    def learn_from(self, pictures: Sequence[int]) -> None:
        """Draw batches from these pictures only."""
        self._learning = pictures
        self._order = self._shuffled()

    def batch(self, size: int, collage: float) -> tuple[Tensor, Tensor]:
        """Draw images uint8 [n, h, w, 3], labels [n, labels]; a fraction are collages."""
        pairs = [self._pair(collage) for _ in range(size)]
        pixels = [recoloured(image, JITTER, self._rng) for image, _ in pairs]
        return torch.from_numpy(np.stack(pixels)), torch.from_numpy(
            np.stack([labels for _, labels in pairs])
        )

    def as_served(self, pictures: Sequence[int]) -> Pixels:
        """Preprocess pictures as serving does: [n, h, w, 3]."""
        return np.stack([self._as_served(self._pictures[index]) for index in pictures])

    def _as_served(self, pixels: Pixels) -> Pixels:
        placement = place((pixels.shape[1], pixels.shape[0]), self._input_size, self._preprocessing)
        return rendered(pixels, placement, self._input_size, self._preprocessing)

    def _pair(
        self, collage: float
    ) -> tuple[Pixels, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
        index = next(self._order)
        if self._exclusive or self._rng.random() >= collage:
            return self._view(index, self._input_size), self._truth[index]
        areas = _areas(self._input_size, self._rng)
        others = self._rng.choice(self._learning, size=len(areas) - 1).tolist()
        pictures = [index, *others]
        image = np.full((self._input_size[1], self._input_size[0], 3), PAD_VALUE, np.uint8)
        for picture, (left, top, width, height) in zip(pictures, areas, strict=True):
            image[top : top + height, left : left + width] = self._view(picture, (width, height))
        return image, self._truth[pictures].max(0)

    def _view(self, index: int, area: Size) -> Pixels:
        pixels = tilted(self._pictures[index], TILT, self._rng)
        size = pixels.shape[1], pixels.shape[0]
        if self._exclusive:
            placement = random_crop(size, area, self._rng)
        else:
            placement = random_placement(size, area, area, JITTER, self._rng)
        view = render(pixels, placement, area, PAD_VALUE)
        return view[:, ::-1] if self._rng.random() < 0.5 else view

    def _shuffled(self) -> Iterator[int]:
        while True:
            yield from self._rng.permutation(self._learning).tolist()


def _areas(input_size: Size, rng: Generator) -> list[tuple[int, int, int, int]]:
    """Split into halves of the longer side or quarters: left, top, width, height."""
    width, height = input_size
    x, y = (int(side * rng.uniform(0.4, 0.6)) for side in input_size)
    if rng.random() < 0.5:
        return [
            (0, 0, x, y),
            (x, 0, width - x, y),
            (0, y, x, height - y),
            (x, y, width - x, height - y),
        ]
    if width > height:
        return [(0, 0, x, height), (x, 0, width - x, height)]
    return [(0, 0, width, y), (0, y, width, height - y)]
