"""Another course of the rate, in the place of `fit.Schedule`."""

from __future__ import annotations

import math

from lensmith.training.budget import TimeBudget
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector.schedule import Schedule
from lensmith.training.optimisation import cosine_factor


class CosineThroughout(Schedule):
    """The rate falls from the warm-up on; mosaics end, and judging is done, where they ever are."""

    def __init__(self, recipe: DetectorRecipe, budget: TimeBudget) -> None:
        super().__init__(recipe, budget)
        self._warmup = recipe.warmup

    def lr_factor(self, step: int) -> float:
        if step < self._warmup:
            return super().lr_factor(step)
        done = (step - self._warmup) / max(self.end - self._warmup, 1)
        return cosine_factor(math.pi * done)
