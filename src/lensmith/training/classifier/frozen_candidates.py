"""Trains linear heads on the features of each frozen backbone, within the time budget."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch

from lensmith.domain.job import OnProgress, Progress
from lensmith.domain.training_phase import TrainingPhase
from lensmith.domain.training_report import Skipped, SkipReason
from lensmith.training.backbone import VARIANTS, BackboneName
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier.averaged_candidate import AveragedCandidate
from lensmith.training.classifier.backbone_speed import MeasuredBackbone, measured
from lensmith.training.classifier.cross_validation import select_one_standard_error
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.frozen_features import FrozenCandidate, extract_features
from lensmith.training.classifier.network import FeatureExtractor, LiteFeatures
from lensmith.training.classifier.recipe import ClassifierRecipe
from lensmith.training.classifier.report import ClassifierReport
from lensmith.training.hub.errors import BackboneUnavailableError
from lensmith.training.hub.load import load_hub_backbone

PREFERENCE = (BackboneName.LITE2.value, BackboneName.LITE1.value, BackboneName.LITE0.value)
FROZEN_FRACTION = 0.7  # of the time left, that one more backbone may take


def available_backbones(
    recipe: ClassifierRecipe,
    hub_backbones: Sequence[str],
    trial_log: ClassifierReport,
    device: torch.device,
    *,
    averaged: bool,
) -> list[MeasuredBackbone]:
    """List bundled backbones, quickest first, then the hub's; log missing ones."""
    bundled = bundled_backbones(recipe.candidates, device, averaged=averaged)
    return bundled + measured(list(_from_hub(hub_backbones, trial_log, device)))


def bundled_backbones(
    names: Sequence[BackboneName], device: torch.device, *, averaged: bool = False
) -> list[MeasuredBackbone]:
    """Load backbones; those that are averaged take the frame of the largest."""
    frame = max(VARIANTS[name].native_size for name in names) if averaged else None
    return measured([LiteFeatures(name, frame).to(device) for name in names])


def frozen_seconds(
    data: LabelledPictures, recipe: ClassifierRecipe, backbones: Sequence[MeasuredBackbone]
) -> float:
    """Estimate the seconds of all candidates."""
    return len(data.examples) * recipe.views * sum(backbone.seconds for backbone in backbones)


def frozen_candidates(
    data: LabelledPictures,
    recipe: ClassifierRecipe,
    backbones: Sequence[MeasuredBackbone],
    budget: TimeBudget,
    trial_log: ClassifierReport,
    on_progress: OnProgress,
) -> list[FrozenCandidate]:
    """Extract features and validate heads; at least of the first backbone. Logs all of them."""
    counter = FeatureCounter(len(data.examples) * len(backbones), on_progress)
    candidates: list[FrozenCandidate] = []
    for backbone in backbones:
        views = _affordable_views(backbone.seconds * len(data.examples), recipe, budget)
        if not views and candidates:
            trial_log.leave_out(Skipped(SkipReason.TIME, backbone.extractor.name))
            continue
        fitting = replace(recipe, views=max(views, 1))
        candidates.append(
            extract_features(backbone.extractor, data, fitting, budget, counter.advance)
        )
        trial_log.add_frozen(candidates[-1])
    return candidates


def contender_of(
    candidates: Sequence[FrozenCandidate], data: LabelledPictures, *, averaged: bool
) -> FrozenCandidate | AveragedCandidate:
    """Average the candidates, or select one; one that is alone for lack of time is selected."""
    if averaged and len(candidates) > 1:
        return AveragedCandidate.of(candidates, data)
    return best_of(candidates)


def best_of(candidates: Sequence[FrozenCandidate]) -> FrozenCandidate:
    """Select by the one-standard-error rule, the strongest ImageNet network preferred.

    Pictures to come differ from those at hand, on which all may look alike.
    """
    ordered = sorted(candidates, key=lambda candidate: _rank(candidate.extractor.name))
    validations = [candidate.validation for candidate in ordered if candidate.validation]
    return ordered[select_one_standard_error(validations)] if validations else ordered[0]


def _rank(name: str) -> int:
    return PREFERENCE.index(name) if name in PREFERENCE else len(PREFERENCE)


def _from_hub(
    names: Sequence[str], trial_log: ClassifierReport, device: torch.device
) -> Iterator[FeatureExtractor]:
    for name in names:
        try:
            yield load_hub_backbone(name).to(device)
        except BackboneUnavailableError as error:
            trial_log.leave_out(error.skipped)


def _affordable_views(seconds_a_view: float, recipe: ClassifierRecipe, budget: TimeBudget) -> int:
    """Compute the views a picture that the time allows; 0 without time for one."""
    return min(recipe.views, int(FROZEN_FRACTION * budget.left / seconds_a_view))


class FeatureCounter:
    """Reports the progress of feature extraction."""

    def __init__(self, steps: int, on_progress: OnProgress) -> None:
        self._steps, self._on_progress = steps, on_progress
        self._step, self._began = 0, time.monotonic()

    def advance(self) -> None:
        self._step += 1
        if self._step % 10 and self._step != self._steps:
            return
        left = (time.monotonic() - self._began) / self._step * (self._steps - self._step)
        self._on_progress(
            Progress(TrainingPhase.FEATURES, self._step, self._steps, eta_seconds=left)
        )
