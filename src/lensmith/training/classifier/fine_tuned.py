"""Whether fine-tuning pays for these pictures: tried without some of them, judged on those."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.random import default_rng

from lensmith.domain.job import OnProgress
from lensmith.inference.artefact import Preprocessing, Resize
from lensmith.inference.image import Pixels
from lensmith.training.backbone import load_backbone
from lensmith.training.classifier.batches import LabelledFrames
from lensmith.training.classifier.cross_validation import Judgement, judge
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.fine_tuning import HeldOut, calibrated, fine_tune, label_shares
from lensmith.training.classifier.frozen_features import SAMPLES, FrozenCandidate
from lensmith.training.classifier.network import PeakClassifier
from lensmith.training.classifier.recipe import FineTuningRecipe, fine_tuning_recipe
from lensmith.training.data.arrays import Floats
from lensmith.training.data.augment import GREY
from lensmith.training.data.pictures import picture_size

GOOD_ENOUGH = 0.97  # score of frozen features that leaves nothing to gain
FEWEST_PICTURES, FEWEST_A_LABEL = 20, 8.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What was learnt without one fold, and what it makes of that fold."""

    fold: int
    network: PeakClassifier
    frames: LabelledFrames  # drawn from all other folds
    logits: Floats  # [pictures of the fold, labels]


@dataclass(frozen=True, slots=True)
class TunedCandidate:
    trials: tuple[Trial, ...]
    recipe: FineTuningRecipe
    preprocessing: Preprocessing
    judgement: Judgement  # on the folds of all trials together
    seconds: float

    @property
    def folds(self) -> list[int]:
        """Those that it was judged by."""
        return [trial.fold for trial in self.trials]

    @property
    def samples(self) -> Pixels:
        frames = self.trials[0].frames
        return frames.as_served(range(min(SAMPLES, len(frames))))


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


def try_fine_tuning(
    data: LabelledPictures, recipe: FineTuningRecipe, folds: Iterable[int], report: OnProgress
) -> TunedCandidate:
    """Learn from all folds but one, and be judged on that; anew for each of `folds`."""
    began = time.monotonic()
    preprocessing = _preprocessing(data)
    frames = LabelledFrames(data, recipe.frame, preprocessing, default_rng(data.seed))
    trials = tuple(
        _trial(data, recipe, fold, frames, _named(report, _phase(recipe, number)))
        for number, fold in enumerate(folds, 1)
    )
    judgement = _judged_together(data, trials)
    return TunedCandidate(trials, recipe, preprocessing, judgement, time.monotonic() - began)


def _trial(
    data: LabelledPictures,
    recipe: FineTuningRecipe,
    fold: int,
    frames: LabelledFrames,
    report: OnProgress,
) -> Trial:
    """Whatever was tried before, the same seed learns the same."""
    torch.manual_seed(data.seed)
    frames = frames.afresh(default_rng(data.seed))
    frames.learn_from(np.flatnonzero(data.fold_of != fold).tolist())
    pictures = np.flatnonzero(data.fold_of == fold)
    held_out = HeldOut(pictures.tolist(), data.truth[pictures])
    network = PeakClassifier(
        load_backbone(recipe.backbone), data.truth.shape[1], exclusive=data.exclusive
    )
    network.start_from(label_shares(data.truth))
    network = fine_tune(network, frames, recipe, recipe.iterations, report, held_out)
    return Trial(fold, network, frames, held_out.logits(network, frames))


def _judged_together(data: LabelledPictures, trials: Iterable[Trial]) -> Judgement:
    """Every picture by the network that has not learnt from it; one temperature for all."""
    logits, judged = np.zeros(data.truth.shape), np.zeros(len(data.truth), np.bool_)
    for trial in trials:
        held_out = data.fold_of == trial.fold
        logits[held_out] = trial.logits
        judged |= held_out
    return judge(logits[judged], data.truth[judged], exclusive=data.exclusive)


def finish(candidate: TunedCandidate, data: LabelledPictures, report: OnProgress) -> PeakClassifier:
    """Go on from the first trial, with all pictures; the confidences stay calibrated as judged."""
    first = candidate.trials[0]
    first.frames.learn_from(range(len(data.examples)))
    network = fine_tune(
        first.network,
        first.frames,
        candidate.recipe,
        candidate.recipe.more_iterations,
        _named(report, "fine-tuning"),
    )
    return calibrated(network, candidate.judgement.temperature)


def _preprocessing(data: LabelledPictures) -> Preprocessing:
    if data.exclusive:
        return Preprocessing(Resize.CROP, crop=0.875)
    return Preprocessing(Resize.LETTERBOX, fill=GREY)


def _phase(recipe: FineTuningRecipe, number: int) -> str:
    phase = "full fine-tuning trial" if recipe.is_full else "fine-tuning trial"
    return phase if number == 1 else f"{phase} {number}"


def _named(report: OnProgress, phase: str) -> OnProgress:
    return lambda progress: report(replace(progress, phase=phase))
