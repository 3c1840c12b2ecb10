"""Trains a classifier: candidates, selection on held-out training pictures, export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from torch import nn

from lensmith.domain.job import OnProgress
from lensmith.domain.training_report import Skipped
from lensmith.inference.artefact import Artefact, Preprocessing, Task
from lensmith.inference.image import Pixels
from lensmith.training.classifier.averaged_candidate import AveragedCandidate
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.fine_tuned import TunedCandidate, fit_on_all
from lensmith.training.classifier.fine_tuning_trials import FineTuningSelection
from lensmith.training.classifier.frozen_candidates import contender_of, frozen_candidates
from lensmith.training.classifier.frozen_features import FrozenCandidate, frozen_preprocessing
from lensmith.training.classifier.planning import plan_training
from lensmith.training.classifier.recipe import ClassifierRecipe, classifier_recipe
from lensmith.training.classifier.report import ClassifierReport
from lensmith.training.data.example import Example
from lensmith.training.data.pictures import use_threads
from lensmith.training.device import Machine, this_machine
from lensmith.training.errors import DivergedError
from lensmith.training.export import export_model, versions
from lensmith.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class Winner:
    """The network to export, with samples to check it on."""

    network: nn.Module
    input_size: tuple[int, int]
    preprocessing: Preprocessing
    samples: Pixels


def train_classifier(
    examples: Sequence[Example],
    labels: Sequence[str],
    directory: Path,
    settings: TrainingSettings,
    on_progress: OnProgress,
    *,
    recipe: ClassifierRecipe | None = None,
    machine: Machine | None = None,
) -> None:
    """Train on whole pictures and write the artefact; the same seed gives the same model.

    Candidates are validated on held-out pictures of these examples alone. The speed of the machine
    changes the model only if the time budget cuts the plan short or widens it. Thresholds are
    0.5 until the evaluation sets them. Raises ExportError.
    """
    machine = machine or this_machine()
    began = machine.clock()
    use_threads(settings.threads)
    recipe = recipe or classifier_recipe(examples)
    data = LabelledPictures.of(examples, len(labels), recipe.folds, settings.seed)
    trial_log = ClassifierReport(data)
    planned = plan_training(data, recipe, settings, trial_log, began, machine)
    on_progress(planned.progress)
    budget = planned.budget
    averaged = planned.plan.averaged
    fitting = recipe.for_average() if averaged and planned.tuning is None else recipe
    candidates = frozen_candidates(data, fitting, planned.backbones, budget, trial_log, on_progress)
    best = contender_of(candidates, data, averaged=averaged)
    if isinstance(best, AveragedCandidate):
        trial_log.add_average(best)
    elif planned.larger is not None:
        reserved = planned.costs.of(planned.tuning)
        larger = planned.larger.candidate(
            data, recipe, candidates, budget, trial_log, on_progress, reserved
        )
        best = larger or best
    tuned = FineTuningSelection(data, planned, trial_log, on_progress).winner(best)
    winner = _winner(data, best, tuned, trial_log, on_progress, machine)
    export_model(
        winner.network,
        ["scores"],
        Artefact(
            task=Task.CLASSIFICATION,
            labels=tuple(labels),
            thresholds=(0.5,) * len(labels),
            input_size=winner.input_size,
            preprocessing=winner.preprocessing,
            versions=versions(),
            report=trial_log.written(budget, machine.device),
        ),
        directory,
        winner.samples,
    )


def _winner(
    data: LabelledPictures,
    frozen: FrozenCandidate | AveragedCandidate,
    tuned: TunedCandidate | None,
    trial_log: ClassifierReport,
    on_progress: OnProgress,
    machine: Machine,
) -> Winner:
    """Fit the chosen candidate on all pictures; frozen features if fine-tuning then diverges."""
    if tuned is None:
        return _frozen(data, frozen, trial_log)
    try:
        network = fit_on_all(tuned, data, on_progress, machine)
    except DivergedError as error:
        return _frozen(data, frozen, trial_log, replace(error.skipped, method=tuned.method))
    trial_log.choose_tuned(tuned)
    return Winner(network, tuned.recipe.input_size, tuned.preprocessing, tuned.samples)


def _frozen(
    data: LabelledPictures,
    best: FrozenCandidate | AveragedCandidate,
    trial_log: ClassifierReport,
    continuation: Skipped | None = None,
) -> Winner:
    trial_log.choose_frozen(best, continuation)
    return Winner(
        best.classifier(data),
        best.input_size,
        frozen_preprocessing(exclusive=data.exclusive),
        best.inputs,
    )
