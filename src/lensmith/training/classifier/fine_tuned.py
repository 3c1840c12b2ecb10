"""Validates fine-tuning on held-out folds, and fits it on all pictures."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.random import default_rng

from lensmith.domain.job import OnProgress
from lensmith.domain.training_phase import TrainingPhase
from lensmith.domain.training_report import Method, Skipped, SkipReason
from lensmith.inference.artefact import Preprocessing, Resize
from lensmith.inference.image import Pixels
from lensmith.inference.resample import resampler_here
from lensmith.training.backbone import load_backbone
from lensmith.training.classifier.averaged_candidate import AveragedCandidate
from lensmith.training.classifier.batches import ClassificationBatches
from lensmith.training.classifier.cross_validation import ValidationScore, score
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.fine_tuning import (
    HoldoutSet,
    calibrated,
    fine_tune,
    label_frequencies,
)
from lensmith.training.classifier.frozen_features import SAMPLES, FrozenCandidate
from lensmith.training.classifier.network import MaxPoolClassifier
from lensmith.training.classifier.recipe import FineTuningRecipe, fine_tuning_recipe
from lensmith.training.data.arrays import Floats
from lensmith.training.data.augment import PAD_VALUE
from lensmith.training.data.pictures import picture_size
from lensmith.training.device import Machine, this_machine

GOOD_ENOUGH = 0.97  # metric of frozen features that leaves nothing to gain
MIN_PICTURES, MIN_PICTURES_A_LABEL = 20, 8


@dataclass(frozen=True, slots=True)
class FoldTrial:
    """A network trained without one fold, and its logits on that fold."""

    fold: int
    network: MaxPoolClassifier
    batches: ClassificationBatches  # drawn from all other folds
    logits: Floats  # [pictures of the fold, labels]


@dataclass(frozen=True, slots=True)
class TunedCandidate:
    trials: tuple[FoldTrial, ...]
    recipe: FineTuningRecipe
    preprocessing: Preprocessing
    validation: ValidationScore  # on the folds of all trials together
    seconds: float

    @property
    def folds(self) -> list[int]:
        """Folds that it was validated on."""
        return [trial.fold for trial in self.trials]

    @property
    def method(self) -> Method:
        return Method.FULL_FINE_TUNING if self.recipe.is_full else Method.FINE_TUNING

    @property
    def samples(self) -> Pixels:
        batches = self.trials[0].batches
        return batches.as_served(range(min(SAMPLES, len(batches))))


def reason_to_skip(
    data: LabelledPictures, frozen: FrozenCandidate | AveragedCandidate
) -> Skipped | None:
    """Return the reason not to try fine-tuning; None when it is worth trying."""
    if frozen.validation is None or not len(data.first_fold):
        return Skipped(SkipReason.NOTHING_HELD_OUT, method=Method.FINE_TUNING)
    if frozen.validation.metric >= GOOD_ENOUGH:
        return Skipped(SkipReason.NOT_NEEDED, method=Method.FINE_TUNING)
    return _too_few(data)


def _too_few(data: LabelledPictures) -> Skipped | None:
    if len(data.examples) < MIN_PICTURES:
        reason, number = SkipReason.TOO_FEW_PICTURES, MIN_PICTURES
    elif data.exclusive and data.a_label < MIN_PICTURES_A_LABEL:
        reason, number = SkipReason.TOO_FEW_PICTURES_A_LABEL, MIN_PICTURES_A_LABEL
    else:
        return None
    return Skipped(reason, method=Method.FINE_TUNING, number=number)


def recipe_for(
    data: LabelledPictures, given: FineTuningRecipe | None = None, *, few: bool = False
) -> FineTuningRecipe | None:
    """Return the given recipe, or the one for these pictures; None if they are too few to tune.

    `few`: whether the pictures a label are few.
    """
    if _too_few(data):
        return None
    sizes = [picture_size(example.image) for example in data.examples]
    return given or fine_tuning_recipe(sizes, few=few)


def try_fine_tuning(
    data: LabelledPictures,
    recipe: FineTuningRecipe,
    folds: Iterable[int],
    on_progress: OnProgress,
    machine: Machine | None = None,
) -> TunedCandidate:
    """Train without each of `folds` in turn, and validate on the fold left out."""
    began, machine = time.monotonic(), machine or this_machine()
    preprocessing = _preprocessing(data)
    batches = ClassificationBatches(data, recipe.input_size, preprocessing, default_rng(data.seed))
    trials = tuple(
        _trial(data, recipe, fold, batches, _in_trial(on_progress, recipe, number), machine)
        for number, fold in enumerate(folds, 1)
    )
    validation = _scored_together(data, trials)
    return TunedCandidate(trials, recipe, preprocessing, validation, time.monotonic() - began)


def _trial(
    data: LabelledPictures,
    recipe: FineTuningRecipe,
    fold: int,
    batches: ClassificationBatches,
    on_progress: OnProgress,
    machine: Machine,
) -> FoldTrial:
    """Train without `fold`; the same seed gives the same network, whatever was tried before."""
    torch.manual_seed(data.seed)
    batches = batches.with_rng(default_rng(data.seed))
    batches.learn_from(np.flatnonzero(data.fold_of != fold).tolist())
    pictures = np.flatnonzero(data.fold_of == fold)
    held_out = HoldoutSet(pictures.tolist(), data.truth[pictures])
    network = MaxPoolClassifier(
        load_backbone(recipe.backbone), data.truth.shape[1], exclusive=data.exclusive
    )
    network.start_from(label_frequencies(data.truth))
    network = fine_tune(network, batches, recipe, recipe.iterations, on_progress, held_out, machine)
    return FoldTrial(fold, network, batches, held_out.logits(network, batches))


def _scored_together(data: LabelledPictures, trials: Iterable[FoldTrial]) -> ValidationScore:
    """Score each picture by the network that was not trained on it; one temperature for all."""
    logits, judged = np.zeros(data.truth.shape), np.zeros(len(data.truth), np.bool_)
    for trial in trials:
        held_out = data.fold_of == trial.fold
        logits[held_out] = trial.logits
        judged |= held_out
    return score(logits[judged], data.truth[judged], exclusive=data.exclusive)


def fit_on_all(
    candidate: TunedCandidate,
    data: LabelledPictures,
    on_progress: OnProgress,
    machine: Machine | None = None,
) -> MaxPoolClassifier:
    """Continue the first trial on all pictures; the calibration of the trials is kept."""
    first = candidate.trials[0]
    first.batches.learn_from(range(len(data.examples)))
    network = fine_tune(
        first.network,
        first.batches,
        candidate.recipe,
        candidate.recipe.more_iterations,
        on_progress,
        machine=machine,
    )
    return calibrated(network, candidate.validation.temperature)


def _preprocessing(data: LabelledPictures) -> Preprocessing:
    if data.exclusive:
        return Preprocessing(Resize.CROP, crop=0.875, resampler=resampler_here())
    return Preprocessing(Resize.LETTERBOX, fill=PAD_VALUE, resampler=resampler_here())


def _in_trial(on_progress: OnProgress, recipe: FineTuningRecipe, number: int) -> OnProgress:
    is_full = recipe.is_full
    phase = TrainingPhase.FULL_FINE_TUNING_TRIAL if is_full else TrainingPhase.FINE_TUNING_TRIAL
    return lambda progress: on_progress(replace(progress, phase=phase, trial=number))
