"""Batches of synthetic scenes around logos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from lensmith.inference.preprocess import Size
from lensmith.training.brand.backgrounds import Backgrounds
from lensmith.training.brand.distractors import draw_distractors
from lensmith.training.brand.logos import Logo, read_logo
from lensmith.training.brand.recipe import USUAL_SCENE, SceneRecipe
from lensmith.training.brand.scenes import Painter, Sizes
from lensmith.training.data.augment import Jitter, recoloured
from lensmith.training.data.example import Example
from lensmith.training.detector.assignment import GroundTruthBoxes
from lensmith.training.detector.batches import padded

COLOUR = Jitter(zoom=(1.0, 1.0))


class LogoBatches:
    """Draws endless batches of scenes, no two alike; logos start large."""

    def __init__(
        self,
        examples: Sequence[Example],
        input_size: Size,
        images: int,
        rng: Generator,
        recipe: SceneRecipe = USUAL_SCENE,
    ) -> None:
        """Build the batches; `images` is about the number of images that will be drawn."""
        self.recipe = recipe
        self._logos = logos_by_label(examples)
        everything = [logo for same in self._logos for logo in same]
        self._distractors = draw_distractors(everything, recipe.distractor_pool, rng)
        self._painter = self.painter(input_size, rng)
        self._side = min(input_size)
        self._until_small = max(1.0, images * recipe.curriculum)
        self._made = 0
        self._rng = rng

    def painter(self, input_size: Size, rng: Generator) -> Painter:
        """Return a painter of scenes of another size from the same logos."""
        backgrounds = Backgrounds(input_size, rng)
        return Painter(self._logos, self._distractors, backgrounds, rng, self.recipe)

    def final_sizes(self, input_size: Size) -> Sizes:
        """Scale the sizes of logos to another scene, down to training's smallest."""
        return Sizes(self.recipe.smallest * self._side, self.recipe.largest * min(input_size))

    def batch(self, size: int, mosaic: float) -> tuple[Tensor, GroundTruthBoxes]:  # noqa: ARG002
        """Return images uint8 [n, h, w, 3] and their boxes; `mosaic` is ignored."""
        scenes = [self._painter.scene(self._sizes()) for _ in range(size)]
        self._made += size
        pixels = [recoloured(scene.pixels, COLOUR, self._rng) for scene in scenes]
        return torch.from_numpy(np.stack(pixels)), padded(scenes)

    def _sizes(self) -> Sizes:
        first, last = self.recipe.smallest_at_first, self.recipe.smallest
        done = min(self._made / self._until_small, 1.0)
        smallest = first * (last / first) ** done
        return Sizes(smallest * self._side, self.recipe.largest * self._side)


def logos_by_label(examples: Sequence[Example]) -> list[list[Logo]]:
    """Read the logos of every label that an example has."""
    labels = sorted({label for example in examples for label in example.labels})
    return [
        [read_logo(example.image, label) for example in examples if label in example.labels]
        for label in labels
    ]
