"""Collects the trials of a classifier's training, their scores, and the choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from lensmith.domain.training_report import (
    Choice,
    ChoiceReason,
    ClassifierPlan,
    ClassifierTraining,
    Method,
    Recipe,
    Skipped,
    SkipReason,
    TrainingPlan,
    TrainingReport,
    Trial,
)
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier.averaged_candidate import AveragedCandidate
from lensmith.training.classifier.cross_validation import ValidationScore
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.fine_tuned import TunedCandidate
from lensmith.training.classifier.frozen_features import FrozenCandidate
from lensmith.training.classifier.linear_head import HeadKind, HeadRecipe
from lensmith.training.classifier.network import PeakFeatures
from lensmith.training.trial_log import TrialLog

_METHODS = {HeadKind.PROTOTYPES: Method.PROTOTYPES, HeadKind.REGRESSION: Method.REGRESSION}


class ClassifierReport(TrialLog):
    """Filled during training; `written` becomes the training report."""

    def __init__(self, data: LabelledPictures) -> None:
        super().__init__()
        self._data = data
        self._baseline: float | None = None
        self._fine_tuning: Skipped | None = None
        uses = data.truth.sum(0)
        self._training = ClassifierTraining(data.exclusive, int(uses.min()), int(uses.max()))

    def set_plan(self, plan: ClassifierPlan, spared: Sequence[str]) -> None:
        """Note those of the `spared` backbones that the plan has no time for."""
        self.plan = TrainingPlan(classifier=plan)
        for name in spared:
            if name not in plan.backbones:
                self.leave_out(Skipped(SkipReason.BUDGET, str(name)))

    def add_frozen(self, candidate: FrozenCandidate) -> None:
        for head, validation in zip(candidate.heads, candidate.validations, strict=False):
            self.trials.append(self._frozen_trial(candidate, head, validation))
        untried = len(candidate.heads) - len(candidate.validations)
        if candidate.validations and untried:
            name = candidate.extractor.name
            self.leave_out(Skipped(SkipReason.HEADS, name, number=untried))

    def add_average(self, candidate: AveragedCandidate) -> None:
        self.trials.append(self._average_trial(candidate))

    def add_tuned(self, candidates: Sequence[TunedCandidate], baseline: float) -> None:
        """Add a fine-tuned trial; `baseline` is frozen features' log loss on its pictures."""
        self.trials += [self._tuned_trial(candidate) for candidate in candidates]
        self._baseline = round(baseline, 4)

    def skip_fine_tuning(self, skipped: Skipped) -> None:
        self._fine_tuning = skipped

    def choose_frozen(
        self,
        candidate: FrozenCandidate | AveragedCandidate,
        continuation: Skipped | None = None,
    ) -> None:
        """Choose a frozen trial; `continuation` says why a better tuned one failed."""
        if isinstance(candidate, AveragedCandidate):
            self._choose(self._average_trial(candidate), ChoiceReason.FEW_PICTURES, continuation)
        else:
            trial = self._frozen_trial(candidate, candidate.head, candidate.validation)
            is_larger = trial.input_size is not None
            alone = ChoiceReason.LARGER_INPUT if is_larger else ChoiceReason.ONE_STANDARD_ERROR
            self._choose(trial, alone, continuation)
        temperature = candidate.validation.temperature if candidate.validation else 1.0
        self._training = replace(
            self._training, temperature=temperature, views=candidate.views_a_picture
        )

    def choose_tuned(self, candidate: TunedCandidate) -> None:
        self._choose(self._tuned_trial(candidate), ChoiceReason.LOG_LOSS)
        recipe = candidate.recipe
        self._training = replace(
            self._training,
            temperature=candidate.validation.temperature,
            recipe=Recipe(
                recipe.input_size,
                recipe.iterations,
                recipe.batch,
                recipe.backbone.value,
                recipe.more_iterations,
            ),
        )

    def written(self, budget: TimeBudget, device: torch.device) -> TrainingReport:
        return TrainingReport(
            seed=self._data.seed,
            device=device.type,
            budget_seconds=round(budget.seconds),
            plan=self.plan,
            trials=tuple(self.trials),
            skipped=tuple(self.skipped),
            choice=self.choice,
            classifier=self._training,
        )

    def _choose(
        self, trial: Trial, alone: ChoiceReason, continuation: Skipped | None = None
    ) -> None:
        """Choose a trial; `alone` is the reason where it was compared with no fine-tuning."""
        reason = ChoiceReason.LOG_LOSS if self._baseline is not None else alone
        self.choice = Choice(
            trial,
            reason if trial.log_loss is not None or alone is ChoiceReason.FEW_PICTURES else None,
            baseline_log_loss=self._baseline,
            fine_tuning=self._fine_tuning,
            continuation=continuation,
        )

    def _frozen_trial(
        self, candidate: FrozenCandidate, head: HeadRecipe, validation: ValidationScore | None
    ) -> Trial:
        strength = head.strength if head.kind is HeadKind.REGRESSION else None
        extractor = candidate.extractor
        larger = extractor.input_size if isinstance(extractor, PeakFeatures) else None
        trial = Trial(extractor.name, _METHODS[head.kind], strength, input_size=larger)
        return self._scored(trial, validation, len(self._data.folds))

    def _average_trial(self, candidate: AveragedCandidate) -> Trial:
        trial = Trial(candidate.name, Method.AVERAGE)
        return self._scored(trial, candidate.validation, len(self._data.folds))

    def _tuned_trial(self, candidate: TunedCandidate) -> Trial:
        trial = Trial(
            candidate.recipe.backbone.value, candidate.method, seconds=round(candidate.seconds, 1)
        )
        return self._scored(trial, candidate.validation, len(candidate.folds))

    def _scored(self, trial: Trial, validation: ValidationScore | None, folds: int) -> Trial:
        if validation is None:
            return trial
        metric = round(validation.metric, 4)
        return replace(
            trial,
            log_loss=round(validation.log_loss, 4),
            standard_error=round(validation.spread, 4),
            accuracy=metric if self._data.exclusive else None,
            average_precision=None if self._data.exclusive else metric,
            folds=folds,
            pictures=len(validation.losses),
        )
