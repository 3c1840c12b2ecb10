"""Recipes of classifiers, chosen from the pictures before training starts.

Lengths are counted in iterations and never in seconds, so that a busy neighbour cannot change a
model; seconds only guard against a machine too slow for the plan.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lensmith.training.backbone import BackboneName
from lensmith.training.classifier.linear_head import HeadKind, HeadRecipe
from lensmith.training.data.example import Example
from lensmith.training.data.input_size import shaped, usual_side

HEADS = (
    HeadRecipe(HeadKind.PROTOTYPES),
    *(HeadRecipe(HeadKind.REGRESSION, strength) for strength in (1.0, 3.0, 10.0, 30.0, 100.0)),
    HeadRecipe(HeadKind.REGRESSION, 1000.0),
)

FINE_TUNING_BATCH = 8
FEW_PICTURES_A_LABEL = 10.0  # up to which backbones are averaged (decision 0036)
AVERAGED_HEAD = HeadRecipe(HeadKind.REGRESSION, 30.0)  # too few pictures to choose one


@dataclass(frozen=True, slots=True)
class FineTuningRecipe:
    """Fine-tuning on whole pictures: first without the held-out ones, then on all."""

    input_size: tuple[int, int]  # width, height of the network input, multiples of 32
    iterations: int  # without the held-out pictures
    more_iterations: int  # on all pictures, if it was selected
    backbone: BackboneName = BackboneName.LITE0
    frozen_stages: int | None = 3  # they and the stem keep ImageNet's weights; None: all learns
    batch: int = FINE_TUNING_BATCH
    learning_rate: float = 1e-3
    backbone_learning_rate: float = 5e-4
    weight_decay: float = 0.02
    warmup: int = 30
    collage: float = 0.7  # fraction of images that join pictures, if labels can be joined

    @property
    def is_full(self) -> bool:
        """Whether every layer is trained."""
        return self.frozen_stages is None


@dataclass(frozen=True, slots=True)
class ClassifierRecipe:
    """Frozen features of each candidate backbone, several views a picture, one linear head."""

    candidates: tuple[BackboneName, ...]
    views: int  # of each picture; the first is the picture as serving will see it
    folds: int = 4
    heads: tuple[HeadRecipe, ...] = HEADS  # from the plainest to the most adaptable
    fine_tuning: FineTuningRecipe | None = None  # None: chosen from the pictures
    few_a_label: float = FEW_PICTURES_A_LABEL  # up to which candidates are averaged; 0: never
    averaged_head: HeadRecipe = AVERAGED_HEAD  # of each that is averaged, without fine-tuning

    @property
    def spared(self) -> tuple[BackboneName, ...]:
        """Bundled backbones that are not candidates, the strongest first."""
        return tuple(name for name in reversed(BackboneName) if name not in self.candidates)

    def for_average(self) -> ClassifierRecipe:
        """Return the recipe of candidates that are averaged, which have one head each."""
        return replace(self, heads=(self.averaged_head,))


CLASSIFIER_VIEWS = 8
CLASSIFIER_FORWARDS = 3000  # pictures through one backbone, about a minute on two cores
FINE_TUNING_PASSES, MORE_FRACTION = 22, 1 / 3  # over all pictures; more of that with the held-out
MIN_STEPS, MAX_STEPS = 250, 2500
FINE_TUNING_SIDES = (224.0, 320.0)  # least and largest side of a square of the frame's area
FEW_MIN_STEPS, FEW_MAX_SIDE = 160, 256.0  # of few pictures a label: half the time
LARGE_BACKBONE_PICTURES = 600  # beyond this the second, slower backbone is not tried


def classifier_recipe(examples: Sequence[Example]) -> ClassifierRecipe:
    """Choose the recipe: few pictures afford two backbones and many views."""
    return ClassifierRecipe(
        candidates=(
            (BackboneName.LITE0, BackboneName.LITE2)
            if len(examples) <= LARGE_BACKBONE_PICTURES
            else (BackboneName.LITE0,)
        ),
        views=min(max(CLASSIFIER_FORWARDS // len(examples), 1), CLASSIFIER_VIEWS),
    )


def fine_tuning_recipe(
    picture_sizes: Sequence[tuple[int, int]], *, few: bool = False
) -> FineTuningRecipe:
    """Choose the recipe; `picture_sizes` are width and height of the upright pictures.

    With `few` pictures a label it is short and its frames are smaller.
    """
    smallest, largest = FINE_TUNING_SIDES
    min_steps = MIN_STEPS
    if few:
        min_steps, largest = FEW_MIN_STEPS, FEW_MAX_SIDE
    passes = FINE_TUNING_PASSES * len(picture_sizes)
    iterations = min(max(math.ceil(passes / FINE_TUNING_BATCH), min_steps), MAX_STEPS)
    side = min(max(usual_side(picture_sizes), smallest), largest)
    return FineTuningRecipe(
        input_size=shaped(picture_sizes, side),
        iterations=iterations,
        more_iterations=round(MORE_FRACTION * iterations),
    )
