"""Learning-rate schedule and stopping rule of a detector's training."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from lensmith.domain.training_report import Cut, EndReason
from lensmith.training.budget import TimeBudget
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.optimisation import cosine_factor


class Schedule:
    """Warm up, hold, decay; the decay starts once the training images are learnt.

    If the schedule would outlast the budget, the decay starts as early as needed; other work
    before the end, such as validation, shortens the decay.
    """

    def __init__(self, recipe: DetectorRecipe, budget: TimeBudget) -> None:
        self._recipe = recipe
        self._budget = budget
        self._started = budget.clock()
        self._decay_from = round(recipe.iterations / (1 + recipe.decay_fraction))
        self.end = self._wanted_end = recipe.iterations
        self.reason = self._why = EndReason.ALL_ITERATIONS

    def lr_factor(self, step: int) -> float:
        """Compute the learning rate relative to the base rate."""
        if step < self._recipe.warmup:
            return (step + 1) / self._recipe.warmup
        if not self.is_decaying(step):
            return 1.0
        done = (step - self._decay_from) / max(self.end - self._decay_from, 1)
        return cosine_factor(math.pi * done)

    def is_decaying(self, step: int) -> bool:
        return step >= self._decay_from

    def consider(self, step: int, found: float) -> None:
        """Start the decay once recall reaches `stop_recall`, or in time for the budget."""
        if self.is_decaying(step):
            self._fit_into_time(step)
        elif step >= self._recipe.min_iterations and found >= self._recipe.stop_recall:
            self._decay_from, self._why = step, EndReason.LEARNT
            self._wanted_end = step + math.ceil(self._decay_length(step))
            self._fit_into_time(step)
        elif self._pace(step) * self._decay_length(step) >= self._budget.left:
            self._decay_from, self._why = step, EndReason.OUT_OF_TIME
            self._fit_into_time(step)

    def cut(self, step: int) -> Cut | None:
        """Return what the budget leaves out after `step` iterations, the last; None if nothing."""
        if self.reason is not EndReason.OUT_OF_TIME:
            return None
        left = max(self._wanted_end - step, 0)
        return Cut(left, round(self._pace(step) * left, 1), self._recipe.stop_recall)

    def seconds_left(self, step: int) -> float:
        return self._pace(step) * (self.end - step)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Count the time of the block against the budget, but not in the seconds per iteration."""
        began = self._budget.clock()
        yield
        self._started += self._budget.clock() - began

    def _fit_into_time(self, step: int) -> None:
        """Move the end forward if time is short, and back if the pace was slow only for a while."""
        left, pace = self._budget.left, self._pace(step)
        in_time = pace * (self._wanted_end - step) <= left
        judged = self._decay_from + 1  # validated before the first iteration of the decay
        self.end = self._wanted_end if in_time else max(step + int(left / pace), judged)
        self.reason = self._why if in_time else EndReason.OUT_OF_TIME

    def _decay_length(self, step: int) -> float:
        """Compute the iterations of a decay that begins now."""
        return min(self._wanted_end - step, step * self._recipe.decay_fraction)

    def _pace(self, step: int) -> float:
        """Compute the seconds an iteration, so far."""
        return (self._budget.clock() - self._started) / step
