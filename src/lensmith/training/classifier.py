"""Training a classifier: candidates, a choice by held-out training pictures, one graph."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from lensmith.domain.job import Progress
from lensmith.inference.artefact import Artefact, Preprocessing, Task
from lensmith.inference.image import Pixels
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier_report import ClassifierReport
from lensmith.training.example import Example
from lensmith.training.export import export_model, versions
from lensmith.training.fine_tuned import (
    FineTuningCosts,
    cut_to,
    finish,
    recipe_for,
    try_fine_tuning,
    why_not,
)
from lensmith.training.frozen_candidates import (
    available_backbones,
    best_of,
    frozen_candidates,
    frozen_seconds,
)
from lensmith.training.frozen_features import FrozenCandidate, frozen_preprocessing
from lensmith.training.labelled_pictures import LabelledPictures
from lensmith.training.pictures import use_threads
from lensmith.training.recipe import classifier_recipe
from lensmith.training.settings import TrainingSettings

Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Winner:
    """What is exported."""

    network: nn.Module
    frame: tuple[int, int]
    preprocessing: Preprocessing
    samples: Pixels


def train_classifier(
    examples: Sequence[Example],
    labels: Sequence[str],
    directory: Path,
    settings: TrainingSettings,
    report: Report,
) -> None:
    """Train on whole pictures and write the artefact; the same seed gives the same model.

    Candidates are judged on these examples alone, by pictures that they have not learnt from.
    Only where the time budget cuts a training short does its speed change the model. Thresholds
    are 0.5 until the evaluation sets them. Raises ExportError.
    """
    began = time.monotonic()
    use_threads(settings.threads)
    recipe = classifier_recipe(examples)
    data = LabelledPictures.of(examples, len(labels), recipe.folds, settings.seed)
    account = ClassifierReport(data, recipe)
    backbones = available_backbones(recipe, settings.backbones, account)
    costs = FineTuningCosts(backbones[0].seconds, len(data.first_fold))
    expected = frozen_seconds(data, recipe, backbones) + _tuning_seconds(data, costs)
    budget = TimeBudget.of(settings.budget_seconds, expected, began)
    _tell_plan(expected, budget, report)
    candidates = frozen_candidates(data, recipe, backbones, budget, account, report)
    best = best_of(candidates)
    winner = _tuned(data, best, costs, budget, account, report)
    winner = winner or _frozen(data, best, account)
    export_model(
        winner.network,
        ["scores"],
        Artefact(
            task=Task.CLASSIFICATION,
            labels=tuple(labels),
            thresholds=(0.5,) * len(labels),
            input_size=winner.frame,
            preprocessing=winner.preprocessing,
            versions=versions(),
            report=account.written(budget),
        ),
        directory,
        winner.samples,
    )


def _tuning_seconds(data: LabelledPictures, costs: FineTuningCosts) -> float:
    recipe = recipe_for(data)
    return costs.of(recipe) if recipe is not None else 0.0


def _tell_plan(expected: float, budget: TimeBudget, report: Report) -> None:
    """Say how long it will take at most before the first picture is looked at."""
    eta = min(expected, budget.seconds)
    report(Progress("planning", eta_seconds=eta, budget_seconds=budget.seconds))


def _frozen(data: LabelledPictures, best: FrozenCandidate, account: ClassifierReport) -> Winner:
    account.choose_frozen(best)
    return Winner(
        best.classifier(data),
        best.extractor.frame,
        frozen_preprocessing(exclusive=data.exclusive),
        best.frames,
    )


def _tuned(
    data: LabelledPictures,
    best: FrozenCandidate,
    costs: FineTuningCosts,
    budget: TimeBudget,
    account: ClassifierReport,
    report: Report,
) -> Winner | None:
    """A fine-tuned network, when one can be expected and shown to be better."""
    reason = why_not(data, best)
    recipe = recipe_for(data) if reason is None else None
    if recipe is not None:
        recipe = cut_to(recipe, costs, budget)
    if recipe is None:
        account.skip_fine_tuning(reason or "the time left is too short for fine-tuning")
        return None
    candidate = try_fine_tuning(data, recipe, report)
    assert best.judgement is not None
    rival = best.judgement.at(data.first_fold_of_held_out)
    account.add_tuned(candidate, rival)
    if candidate.judgement.log_loss >= rival:
        return None
    account.choose_tuned(candidate)
    network = finish(candidate, data, report)
    return Winner(network, recipe.frame, candidate.preprocessing, candidate.samples)
