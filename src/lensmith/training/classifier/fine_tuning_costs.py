"""What fine-tuning is expected to take, and how far the time left lets a recipe go."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lensmith.training.backbone import VARIANTS
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier.fine_tuning import LOOKS
from lensmith.training.classifier.recipe import FineTuningRecipe

# Of a picture that is learnt from, in passes through the network (training_speed of the benches).
TRAINING_COST, FULL_TRAINING_COST = 2.2, 3.5
MIN_FRACTION = 1 / 3  # of the recipe's iterations, below which fine-tuning is not tried


@dataclass(frozen=True, slots=True)
class FineTuningCosts:
    """Seconds that a recipe is expected to take on this machine."""

    seconds_per_picture: float  # one pass of the backbone at its native size
    held_out: int  # pictures of one fold

    def of(self, recipe: FineTuningRecipe) -> float:
        """One trial, and all pictures afterwards."""
        return self.learning(recipe) + self.looking(recipe)

    def trial(self, recipe: FineTuningRecipe) -> float:
        """Judged by one fold."""
        return self._steps(recipe, recipe.iterations) + self.looking(recipe)

    def learning(self, recipe: FineTuningRecipe) -> float:
        return self._steps(recipe, recipe.iterations + recipe.more_iterations)

    def looking(self, recipe: FineTuningRecipe) -> float:
        """At the held-out pictures while learning, and once afterwards."""
        return (LOOKS + 1) * self.held_out * self._pass(recipe)

    def _steps(self, recipe: FineTuningRecipe, iterations: int) -> float:
        cost = FULL_TRAINING_COST if recipe.is_full else TRAINING_COST
        return cost * recipe.batch * iterations * self._pass(recipe)

    def _pass(self, recipe: FineTuningRecipe) -> float:
        """Of one picture in the frame of the recipe."""
        larger = (
            recipe.input_size[0] * recipe.input_size[1] / VARIANTS[recipe.backbone].native_size ** 2
        )
        return larger * self.seconds_per_picture


def cut_to(
    recipe: FineTuningRecipe, costs: FineTuningCosts, budget: TimeBudget
) -> FineTuningRecipe | None:
    """The recipe as far as the time allows; None when that is too little."""
    fraction = min((budget.left - costs.looking(recipe)) / costs.learning(recipe), 1.0)
    if fraction < MIN_FRACTION:
        return None
    return replace(
        recipe,
        iterations=round(recipe.iterations * fraction),
        more_iterations=round(recipe.more_iterations * fraction),
    )
