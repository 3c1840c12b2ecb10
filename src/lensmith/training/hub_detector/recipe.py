"""Recipe of detectors of the hub, and its cut to the time available."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from lensmith.training.errors import TooSlowError

PASSES, MORE_FRACTION = 24, 1 / 3  # over all pictures; more of that with the held-out ones
MIN_ITERATIONS, MAX_ITERATIONS = 200, 2500
MIN_FRACTION = 1 / 3  # of the recipe's iterations, below which training is not tried


@dataclass(frozen=True, slots=True)
class HubDetectorRecipe:
    """Rates are those that D-FINE and RT-DETR are published with, for their smaller batches."""

    iterations: int  # without the held-out pictures, to be judged on them
    more_iterations: int  # on all pictures, when it was judged to be better
    batch: int = 4
    learning_rate: float = 2e-4
    backbone_learning_rate: float = 2e-5
    weight_decay: float = 1e-4
    warmup: int = 30
    mosaic: float = 0.5  # fraction of images made of four pictures
    plain_end: float = 0.25  # fraction of the iterations, at the end, without mosaics


def hub_detector_recipe(pictures: int) -> HubDetectorRecipe:
    recipe = HubDetectorRecipe(0, 0)
    wanted = math.ceil(PASSES * pictures / recipe.batch)
    iterations = min(max(wanted, MIN_ITERATIONS), MAX_ITERATIONS)
    return replace(recipe, iterations=iterations, more_iterations=round(MORE_FRACTION * iterations))


def cut_to(
    recipe: HubDetectorRecipe, seconds_an_iteration: float, seconds: float
) -> HubDetectorRecipe:
    """Shorten the recipe until its first part fits into the seconds.

    Raises TooSlowError if too little of it remains.
    """
    wanted = recipe.iterations * seconds_an_iteration
    fraction = min(seconds / wanted, 1.0)
    if fraction < MIN_FRACTION:
        raise TooSlowError(wanted, seconds)
    return replace(
        recipe,
        iterations=max(round(recipe.iterations * fraction), 1),
        more_iterations=round(recipe.more_iterations * fraction),
    )
