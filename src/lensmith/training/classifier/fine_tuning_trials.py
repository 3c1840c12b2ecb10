"""Compares fine-tuning with the best frozen features on the same held-out pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lensmith.domain.job import OnProgress
from lensmith.domain.training_report import Method, Skipped, SkipReason
from lensmith.training.classifier.averaged_candidate import AveragedCandidate
from lensmith.training.classifier.cross_validation import select_one_standard_error
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.fine_tuned import TunedCandidate, reason_to_skip, try_fine_tuning
from lensmith.training.classifier.fine_tuning_costs import cut_to
from lensmith.training.classifier.frozen_features import FrozenCandidate
from lensmith.training.classifier.planning import PlannedTraining
from lensmith.training.classifier.recipe import FineTuningRecipe
from lensmith.training.classifier.report import ClassifierReport
from lensmith.training.errors import DivergedError


@dataclass(frozen=True, slots=True)
class FineTuningSelection:
    data: LabelledPictures
    planned: PlannedTraining
    trial_log: ClassifierReport
    on_progress: OnProgress

    def winner(self, baseline: FrozenCandidate | AveragedCandidate) -> TunedCandidate | None:
        """Return the best fine-tuned candidate; None unless it is better than the baseline."""
        skipped, recipe = reason_to_skip(self.data, baseline), self.planned.tuning
        if skipped is None and recipe is not None:
            recipe = cut_to(recipe, self.planned.costs, self.planned.budget)
        if skipped is not None or recipe is None:
            time_is_short = Skipped(SkipReason.TIME, method=Method.FINE_TUNING)
            self.trial_log.skip_fine_tuning(skipped or time_is_short)
            return None
        tried = list(self._tried(recipe))
        return self._better(tried, baseline) if tried else None

    def _better(
        self, tried: Sequence[TunedCandidate], baseline: FrozenCandidate | AveragedCandidate
    ) -> TunedCandidate | None:
        """Select among those better than the baseline by the one-standard-error rule."""
        assert baseline.validation is not None
        limit = baseline.validation.at(self.data.held_out_in(tried[0].folds))
        self.trial_log.add_tuned(tried, limit)
        better = [candidate for candidate in tried if candidate.validation.log_loss < limit]
        if not better:
            return None
        return better[select_one_standard_error([candidate.validation for candidate in better])]

    def _tried(self, recipe: FineTuningRecipe) -> Iterator[TunedCandidate]:
        """Fine-tune the last stages, then every layer, on the same folds."""
        plain = self._try(recipe, self._folds(recipe))
        if plain is None:
            return
        missing = len(self.data.folds) - len(plain.folds)
        if missing:
            folds = Skipped(SkipReason.FOLDS, method=Method.FINE_TUNING, number=missing)
            self.trial_log.leave_out(folds)
        yield plain
        full = replace(recipe, frozen_stages=None)
        if self.planned.plan.full_tuning and self._has_time(full, len(plain.folds)):
            if (tried := self._try(full, plain.folds)) is not None:
                yield tried
        else:
            full_tuning = Skipped(SkipReason.BUDGET, method=Method.FULL_FINE_TUNING)
            self.trial_log.leave_out(full_tuning)

    def _try(self, recipe: FineTuningRecipe, folds: Iterable[int]) -> TunedCandidate | None:
        """Try a recipe; None, with a note in the log, if it diverged."""
        try:
            return try_fine_tuning(self.data, recipe, folds, self.on_progress, self.planned.machine)
        except DivergedError as error:
            method = Method.FULL_FINE_TUNING if recipe.is_full else Method.FINE_TUNING
            skipped = replace(error.skipped, method=method)
            self.trial_log.leave_out(skipped)
            if not recipe.is_full:
                self.trial_log.skip_fine_tuning(skipped)
            return None

    def _folds(self, recipe: FineTuningRecipe) -> Iterator[int]:
        """Yield the first fold of the plan, then others as long as time is left."""
        first, *others = self.data.folds[: self.planned.plan.tuning_folds]
        yield first
        for fold in others:
            if not self._has_time(recipe, 1):
                return
            yield fold

    def _has_time(self, recipe: FineTuningRecipe, folds: int) -> bool:
        """Return whether time is left for `folds` trials and the fit on all pictures."""
        costs = self.planned.costs
        expected = (folds - 1) * costs.trial(recipe) + costs.of(recipe)
        return expected <= self.planned.budget.left
