"""What a variant makes of the recipe that the data asked for."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lensmith.inference.preprocess import Size
from lensmith.training.detector.recipe import DetectorRecipe

Adapt = Callable[[DetectorRecipe], DetectorRecipe]

CELL = 32  # of which sides of frames and views are multiples


def unchanged(recipe: DetectorRecipe) -> DetectorRecipe:
    return recipe


def with_fields(**fields: Any) -> Adapt:
    return lambda recipe: replace(recipe, **fields)


def whole_pictures(recipe: DetectorRecipe) -> DetectorRecipe:
    return replace(recipe, view=recipe.input_size)


def frames_scaled(by: float) -> Adapt:
    """Frames of other sides, and views with them: as much of a picture is seen, larger or not."""
    return lambda recipe: replace(
        recipe, input_size=_scaled(recipe.input_size, by), view=_scaled(recipe.view, by)
    )


def batches_larger(by: int) -> Adapt:
    """As many pictures in fewer iterations; the rates grow by the root, as is usual for Adam."""

    def adapted(recipe: DetectorRecipe) -> DetectorRecipe:
        return replace(
            recipe,
            batch=recipe.batch * by,
            iterations=math.ceil(recipe.iterations / by),
            warmup=math.ceil(recipe.warmup / by),
            learning_rate=recipe.learning_rate * math.sqrt(by),
            backbone_learning_rate=recipe.backbone_learning_rate * math.sqrt(by),
        )

    return adapted


def _scaled(size: Size, by: float) -> Size:
    width, height = (max(round(side * by / CELL), 1) * CELL for side in size)
    return width, height
