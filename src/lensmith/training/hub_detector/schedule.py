"""Learning-rate schedule and stopping rule of detectors of the hub."""

from __future__ import annotations

from lensmith.domain.training_report import EndReason
from lensmith.training.budget import TimeBudget
from lensmith.training.hub_detector.recipe import HubDetectorRecipe
from lensmith.training.optimisation import FINAL_LR_FACTOR, warmup_cosine


class CosineSchedule:
    """Warm-up and cosine over iterations, from 1.

    If the rest would outlast the time, the last part, without mosaics, begins at once, and the
    learning rate falls linearly to its final value.
    """

    def __init__(self, recipe: HubDetectorRecipe, iterations: int, budget: TimeBudget) -> None:
        self._recipe = recipe
        self._iterations = iterations
        self._budget = budget
        self._started = budget.clock()
        self._plain_from = (1 - recipe.plain_end) * iterations
        self._hurried_at, self._factor_then = 0, 1.0
        self.end = iterations
        self.reason = EndReason.ALL_ITERATIONS

    def lr_factor(self, step: int) -> float:
        """Compute the learning rate relative to the base rate."""
        if not self._hurried_at:
            return warmup_cosine(step, self._iterations, self._recipe.warmup)
        done = (step - self._hurried_at) / max(self.end - self._hurried_at, 1)
        return self._factor_then + (FINAL_LR_FACTOR - self._factor_then) * done

    def mosaic(self, step: int) -> float:
        """Compute the fraction of images that are mosaics."""
        return self._recipe.mosaic if step <= self._plain_from else 0.0

    def consider(self, step: int) -> None:
        """Shorten the schedule after a step to end in time, with as long a last part as planned."""
        left, pace = self._budget.left, self.pace(step)
        if left and pace * (self.end - step) <= left:
            return
        affordable = int(left / pace) if left else 0
        if affordable <= step * self._recipe.plain_end / (1 - self._recipe.plain_end):
            self._hurry(step, affordable)

    def seconds_left(self, step: int) -> float:
        return self.pace(step) * (self.end - step)

    def pace(self, step: int) -> float:
        """Compute the seconds a step, so far."""
        return (self._budget.clock() - self._started) / step

    def _hurry(self, step: int, affordable: int) -> None:
        self._factor_then, self._hurried_at = self.lr_factor(step), step
        self._plain_from = min(self._plain_from, step)
        self.end, self.reason = step + affordable, EndReason.OUT_OF_TIME
