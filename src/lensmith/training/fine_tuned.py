"""Whether fine-tuning pays for these pictures: tried without some of them, judged on those."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.random import default_rng

from lensmith.domain.job import Progress
from lensmith.inference.artefact import Preprocessing, Resize
from lensmith.inference.image import Pixels
from lensmith.training.augment import GREY
from lensmith.training.backbone import VARIANTS, load_backbone
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier_network import PeakClassifier
from lensmith.training.cross_validation import Judgement
from lensmith.training.fine_tuning import LOOKS, HeldOut, calibrated, fine_tune, label_shares
from lensmith.training.frozen_features import SAMPLES, FrozenCandidate
from lensmith.training.labelled_frames import LabelledFrames
from lensmith.training.labelled_pictures import LabelledPictures
from lensmith.training.pictures import picture_size
from lensmith.training.recipe import FineTuningRecipe, fine_tuning_recipe

GOOD_ENOUGH = 0.97  # score of frozen features that leaves nothing to gain
FEWEST_PICTURES, FEWEST_A_LABEL = 20, 8.0
TRAINING_COST = 2.2  # of a picture that is learnt from, in passes through the network
LEAST_SHARE = 1 / 3  # of the recipe's iterations, below which fine-tuning is not tried

Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class TunedCandidate:
    network: PeakClassifier
    recipe: FineTuningRecipe
    preprocessing: Preprocessing
    frames: LabelledFrames
    judgement: Judgement  # on the first fold
    seconds: float

    @property
    def samples(self) -> Pixels:
        return self.frames.as_served(range(min(SAMPLES, len(self.frames))))


def why_not(data: LabelledPictures, frozen: FrozenCandidate) -> str | None:
    """The reason not to try fine-tuning; None when it is worth trying."""
    if frozen.judgement is None or not len(data.first_fold):
        return "fine-tuning needs pictures to be judged by"
    if frozen.judgement.score >= GOOD_ENOUGH:
        return "fine-tuning was not needed"
    return _too_few(data)


def _too_few(data: LabelledPictures) -> str | None:
    if len(data.examples) < FEWEST_PICTURES:
        return f"fine-tuning needs {FEWEST_PICTURES} pictures"
    if data.exclusive and data.a_label < FEWEST_A_LABEL:
        return f"fine-tuning needs {FEWEST_A_LABEL:.0f} pictures a label"
    return None


def recipe_for(data: LabelledPictures) -> FineTuningRecipe | None:
    """None for pictures so few that no result of frozen features would make it worth trying."""
    if _too_few(data):
        return None
    return fine_tuning_recipe([picture_size(example.image) for example in data.examples])


@dataclass(frozen=True, slots=True)
class FineTuningCosts:
    """Seconds that a recipe is expected to take on this machine."""

    seconds_per_picture: float  # one pass of the backbone at its native size
    held_out: int  # pictures that the trial is judged on

    def of(self, recipe: FineTuningRecipe) -> float:
        return self.learning(recipe) + self.looking(recipe)

    def learning(self, recipe: FineTuningRecipe) -> float:
        pictures = recipe.batch * (recipe.iterations + recipe.more_iterations)
        return TRAINING_COST * pictures * self._pass(recipe)

    def looking(self, recipe: FineTuningRecipe) -> float:
        """At the held-out pictures while learning, and once afterwards."""
        return (LOOKS + 1) * self.held_out * self._pass(recipe)

    def _pass(self, recipe: FineTuningRecipe) -> float:
        """Of one picture in the frame of the recipe."""
        larger = recipe.frame[0] * recipe.frame[1] / VARIANTS[recipe.backbone].native_size ** 2
        return larger * self.seconds_per_picture


def cut_to(
    recipe: FineTuningRecipe, costs: FineTuningCosts, budget: TimeBudget
) -> FineTuningRecipe | None:
    """The recipe as far as the time allows; None when that is too little."""
    share = min((budget.left - costs.looking(recipe)) / costs.learning(recipe), 1.0)
    if share < LEAST_SHARE:
        return None
    return replace(
        recipe,
        iterations=round(recipe.iterations * share),
        more_iterations=round(recipe.more_iterations * share),
    )


def try_fine_tuning(
    data: LabelledPictures, recipe: FineTuningRecipe, report: Report
) -> TunedCandidate:
    """Learn from all folds but the first, and be judged on that."""
    began = time.monotonic()
    torch.manual_seed(data.seed)
    preprocessing = _preprocessing(data)
    frames = LabelledFrames(data, recipe.frame, preprocessing, default_rng(data.seed))
    frames.learn_from(np.flatnonzero(data.fold_of != 0).tolist())
    held_out = HeldOut(data.first_fold.tolist(), data.truth[data.first_fold])
    network = PeakClassifier(
        load_backbone(recipe.backbone), data.truth.shape[1], exclusive=data.exclusive
    )
    network.start_from(label_shares(data.truth))
    network = fine_tune(
        network, frames, recipe, recipe.iterations, _named(report, "fine-tuning trial"), held_out
    )
    return TunedCandidate(
        network,
        recipe,
        preprocessing,
        frames,
        held_out.judge(network, frames),
        time.monotonic() - began,
    )


def finish(candidate: TunedCandidate, data: LabelledPictures, report: Report) -> PeakClassifier:
    """Learn from the held-out pictures too; the confidences stay calibrated as judged."""
    candidate.frames.learn_from(range(len(data.examples)))
    network = fine_tune(
        candidate.network,
        candidate.frames,
        candidate.recipe,
        candidate.recipe.more_iterations,
        _named(report, "fine-tuning"),
    )
    return calibrated(network, candidate.judgement.temperature)


def _preprocessing(data: LabelledPictures) -> Preprocessing:
    if data.exclusive:
        return Preprocessing(Resize.CROP, crop=0.875)
    return Preprocessing(Resize.LETTERBOX, fill=GREY)


def _named(report: Report, phase: str) -> Report:
    return lambda progress: report(replace(progress, phase=phase))
