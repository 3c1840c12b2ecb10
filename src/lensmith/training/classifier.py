"""Training a classifier: candidates, a choice by held-out training pictures, one graph."""

from __future__ import annotations

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
from lensmith.training.fine_tuned import finish, planned, try_fine_tuning, why_not
from lensmith.training.frozen_candidates import best_of, frozen_candidates
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
    use_threads(settings.threads)
    budget = TimeBudget.of(settings.budget_seconds)
    recipe = classifier_recipe(examples)
    data = LabelledPictures.of(examples, len(labels), recipe.folds, settings.seed)
    account = ClassifierReport(data, recipe, budget)
    candidates = frozen_candidates(data, recipe, settings.backbones, budget, account, report)
    for candidate in candidates:
        account.add_frozen(candidate)
    best = best_of(candidates)
    winner = _tuned(data, best, budget, account, report) or _frozen(data, best, account)
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
            report=account.written(),
        ),
        directory,
        winner.samples,
    )


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
    budget: TimeBudget,
    account: ClassifierReport,
    report: Report,
) -> Winner | None:
    """A fine-tuned network, when one can be expected and shown to be better."""
    reason = why_not(data, best)
    recipe = None if reason else planned(data, account.seconds_per_picture, budget)
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
