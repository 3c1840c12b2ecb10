"""Estimates the seconds of fine-tuning, and cuts a recipe to the time left."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lensmith.training.backbone import VARIANTS
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier.fine_tuning import LOOKS
from lensmith.training.classifier.recipe import FineTuningRecipe

# A training step of one picture in forward passes (research/training_speed.py).
TRAINING_COST, FULL_TRAINING_COST = 2.2, 3.5
MIN_FRACTION = 1 / 3  # of the recipe's iterations, below which fine-tuning is not tried


@dataclass(frozen=True, slots=True)
class FineTuningCosts:
    """Seconds that a recipe is expected to take on this machine."""

    seconds_per_picture: float  # one pass of the backbone at its native size
    held_out: int  # pictures of one fold

    def of(self, recipe: FineTuningRecipe | None) -> float:
        """Estimate the seconds of one trial, and of all pictures afterwards; 0 without a recipe."""
        if recipe is None:
            return 0.0
        return self.learning(recipe) + self.looking(recipe)

    def trial(self, recipe: FineTuningRecipe) -> float:
        """Estimate the seconds of one trial, validated on one fold."""
        return self._steps(recipe, recipe.iterations) + self.looking(recipe)

    def learning(self, recipe: FineTuningRecipe) -> float:
        return self._steps(recipe, recipe.iterations + recipe.more_iterations)

    def looking(self, recipe: FineTuningRecipe) -> float:
        """Estimate the cost of validations during training, and of the one afterwards."""
        return (LOOKS + 1) * self.held_out * self._pass(recipe)

    def _steps(self, recipe: FineTuningRecipe, iterations: int) -> float:
        cost = FULL_TRAINING_COST if recipe.is_full else TRAINING_COST
        return cost * recipe.batch * iterations * self._pass(recipe)

    def _pass(self, recipe: FineTuningRecipe) -> float:
        """Measure the seconds of one picture at the recipe's input size."""
        larger = (
            recipe.input_size[0] * recipe.input_size[1] / VARIANTS[recipe.backbone].native_size ** 2
        )
        return larger * self.seconds_per_picture


def cut_to(
    recipe: FineTuningRecipe, costs: FineTuningCosts, budget: TimeBudget
) -> FineTuningRecipe | None:
    """Shorten the recipe to the time left; None if too little of it remains."""
    fraction = min((budget.left - costs.looking(recipe)) / costs.learning(recipe), 1.0)
    if fraction < MIN_FRACTION:
        return None
    return replace(
        recipe,
        iterations=round(recipe.iterations * fraction),
        more_iterations=round(recipe.more_iterations * fraction),
    )
