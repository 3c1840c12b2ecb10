"""Trains the best of the bundled detector and those named in `LENSMITH_BACKBONES`.

Each is trained on four fifths of the training pictures, exported, and validated on the fifth left
out by the code that will serve it. Without named detectors that are available, nothing is held out
and the bundled one is trained.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

import torch

from lensmith.domain.job import OnProgress, Progress
from lensmith.domain.training_phase import TrainingPhase
from lensmith.domain.training_report import Skipped, SkipReason
from lensmith.training.brand.train import train_brand_detector
from lensmith.training.budget import TimeBudget
from lensmith.training.data.example import Example
from lensmith.training.data.pictures import picture_size, use_threads
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector.train import train_detector
from lensmith.training.detector_selection.holdout import SplitPictures
from lensmith.training.detector_selection.recipe import SelectionRecipe
from lensmith.training.detector_selection.report import DetectorReport, DetectorTrial
from lensmith.training.detector_selection.trials import (
    DetectorSelection,
    SharedTime,
    in_phase,
    plan_of,
)
from lensmith.training.errors import TrainingError
from lensmith.training.hub.errors import BackboneUnavailableError
from lensmith.training.hub_detector.candidate import HubCandidate
from lensmith.training.hub_detector.detector import HubDetector
from lensmith.training.hub_detector.load import load_hub_detector
from lensmith.training.settings import TrainingSettings

USUAL = SelectionRecipe()
MIN_PICTURES = 10  # below which a fifth of them is too few to validate on
RUN_SECONDS = 1200.0  # of one training, without a requested budget


def train_best_detector(
    examples: Sequence[Example],
    labels: Sequence[str],
    directory: Path,
    settings: TrainingSettings,
    on_progress: OnProgress,
    *,
    recipe: SelectionRecipe = USUAL,
) -> None:
    """Train on boxes and write the artefact of the detector that is best on held-out pictures.

    The test set has no part in the choice; the same seed gives the same model. Logos, which have
    labels and no boxes, are for the bundled detector alone. Raises ExportError.
    """
    if any(example.labels and not example.boxes for example in examples):
        train_brand_detector(
            examples,
            labels,
            directory,
            settings,
            on_progress,
            recipe=recipe.logos,
            scenes=recipe.scenes,
        )
        return
    if not settings.backbones:
        train_detector(examples, labels, directory, settings, on_progress, recipe=recipe.bundled)
        return
    use_threads(settings.threads)
    trial_log = DetectorReport(recipe.min_lead)
    candidates = [
        HubCandidate(network, labels, settings.seed, recipe.hub)
        for network in _available_networks(examples, labels, settings, trial_log, on_progress)
    ]
    alone = replace(settings, backbones=())
    if candidates:
        _select_and_train(
            candidates, examples, labels, directory, alone, trial_log, on_progress, recipe.bundled
        )
    else:
        train_detector(examples, labels, directory, alone, on_progress, recipe=recipe.bundled)
    trial_log.add_to(directory)


def _available_networks(
    examples: Sequence[Example],
    labels: Sequence[str],
    settings: TrainingSettings,
    trial_log: DetectorReport,
    on_progress: OnProgress,
) -> Iterator[HubDetector]:
    """Yield every named detector that is available; log the others."""
    sizes = [picture_size(example.image) for example in examples]
    for number, name in enumerate(settings.backbones, 1):
        on_progress(Progress(TrainingPhase.DETECTORS, number, len(settings.backbones)))
        torch.manual_seed(settings.seed)  # its layers for the labels are initialised at random
        try:
            network = load_hub_detector(name, len(labels), sizes)
        except BackboneUnavailableError as error:
            trial_log.leave_out(error.skipped)
            continue
        if len(examples) < MIN_PICTURES:
            trial_log.leave_out(Skipped(SkipReason.TOO_FEW_PICTURES, name, number=MIN_PICTURES))
            continue
        yield network


def _select_and_train(
    candidates: Sequence[HubCandidate],
    examples: Sequence[Example],
    labels: Sequence[str],
    directory: Path,
    settings: TrainingSettings,
    trial_log: DetectorReport,
    on_progress: OnProgress,
    recipe: DetectorRecipe | None,
) -> None:
    """Run the trials, and train the winner on all pictures."""
    trainings = len(candidates) + 2  # the bundled detector's trial, and the winner at the end
    budget = TimeBudget.from_now(settings.budget_seconds or trainings * RUN_SECONDS)
    shared_time = SharedTime(budget, trainings)
    split = SplitPictures.of(examples, len(labels), settings.seed)
    trial_log.plan = plan_of(candidates, split)
    on_progress(
        Progress(TrainingPhase.PLANNING, budget_seconds=budget.seconds, plan=trial_log.plan)
    )
    with TemporaryDirectory(dir=directory, prefix="trials-") as folder:
        selection = DetectorSelection(
            split, labels, Path(folder), shared_time, settings, trial_log, recipe
        )
        winner = selection.winner(candidates, on_progress)
        left = shared_time.of(trainings)
        if winner is not None and winner.candidate is not None:
            _train_on_all(
                winner, winner.candidate, examples, directory, left, trial_log, on_progress
            )
            return
    limited = replace(settings, budget_seconds=left)
    training = in_phase(TrainingPhase.TRAINING, on_progress)
    train_detector(examples, labels, directory, limited, training, recipe=recipe)


def _train_on_all(
    trial: DetectorTrial,
    candidate: HubCandidate,
    examples: Sequence[Example],
    directory: Path,
    seconds: float,
    trial_log: DetectorReport,
    on_progress: OnProgress,
) -> None:
    """Continue on all pictures; if that fails, keep the model of the trial."""
    try:
        candidate.learn_more(examples, trial.validation, directory, seconds, on_progress)
    except TrainingError as error:
        copytree(trial.directory, directory, dirs_exist_ok=True)
        trial_log.keep_trial(error.skipped)
