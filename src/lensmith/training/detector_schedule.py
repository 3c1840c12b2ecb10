"""When a detector's training cools down and when it ends: by iterations, unless time is short."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from lensmith.training.budget import TimeBudget
from lensmith.training.recipe import DetectorRecipe

LAST_RATE = 0.02  # share of the rate that is left at the end
FINISHED, LEARNT = "all iterations of the recipe", "the training pictures are learnt"
OUT_OF_TIME = "the time is used up"


class Schedule:
    """Warm up, hold, cool down; when to cool depends on what has been learnt.

    Where all of it would outlast the budget, cooling begins as early as it has to, and what else
    happens before the end, such as judging, shortens the cooling.
    """

    def __init__(self, recipe: DetectorRecipe, budget: TimeBudget) -> None:
        self._recipe = recipe
        self._budget = budget
        self._started = budget.clock()
        self._cool_from = round(recipe.iterations / (1 + recipe.cooling))
        self.end = recipe.iterations
        self.reason = FINISHED

    def share(self, step: int) -> float:
        """Of the full rate."""
        if step < self._recipe.warmup:
            return (step + 1) / self._recipe.warmup
        if not self.cooling(step):
            return 1.0
        done = (step - self._cool_from) / max(self.end - self._cool_from, 1)
        return LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * done)) / 2

    def cooling(self, step: int) -> bool:
        return step >= self._cool_from

    def consider(self, step: int, found: float) -> None:
        """Begin to cool when the training frames are learnt, and in time for the budget."""
        if self.cooling(step):
            self._cut(step)
        elif step >= self._recipe.least_iterations and found >= self._recipe.learnt:
            self._cool(step, LEARNT)
        elif self._pace(step) * (self._end_of_cooling(step) - step) >= self._budget.left:
            self._cool(step, OUT_OF_TIME)

    def seconds_left(self, step: int) -> float:
        return self._pace(step) * (self.end - step)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What is done within takes of the budget, and says nothing of an iteration's pace."""
        began = self._budget.clock()
        yield
        self._started += self._budget.clock() - began

    def _cool(self, step: int, reason: str) -> None:
        self.end = self._end_of_cooling(step)
        self._cool_from, self.reason = step, reason

    def _cut(self, step: int) -> None:
        left = self._budget.left
        if self.seconds_left(step) > left:
            self.end = step + int(left / self._pace(step))
            self.reason = OUT_OF_TIME

    def _end_of_cooling(self, step: int) -> int:
        """Where it ends if it begins now."""
        return min(self.end, step + math.ceil(step * self._recipe.cooling))

    def _pace(self, step: int) -> float:
        """Seconds an iteration, so far."""
        return (self._budget.clock() - self._started) / step
