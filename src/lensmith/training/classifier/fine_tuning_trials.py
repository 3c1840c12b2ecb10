"""Fine-tuning against the best frozen features, on the same held-out pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lensmith.domain.job import OnProgress
from lensmith.training.classifier.cross_validation import preferred
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.fine_tuned import TunedCandidate, try_fine_tuning, why_not
from lensmith.training.classifier.fine_tuning_costs import cut_to
from lensmith.training.classifier.frozen_features import FrozenCandidate
from lensmith.training.classifier.plan import BEYOND_BUDGET
from lensmith.training.classifier.planning import PlannedTraining
from lensmith.training.classifier.recipe import FineTuningRecipe
from lensmith.training.classifier.report import ClassifierReport


@dataclass(frozen=True, slots=True)
class TuningContest:
    data: LabelledPictures
    planned: PlannedTraining
    account: ClassifierReport
    report: OnProgress

    def winner(self, rival: FrozenCandidate) -> TunedCandidate | None:
        """None where fine-tuning cannot be expected, or is not shown, to be better."""
        reason, recipe = why_not(self.data, rival), self.planned.tuning
        if reason is None and recipe is not None:
            recipe = cut_to(recipe, self.planned.costs, self.planned.budget)
        if reason is not None or recipe is None:
            self.account.skip_fine_tuning(reason or "the time left is too short for fine-tuning")
            return None
        return self._better(list(self._tried(recipe)), rival)

    def _better(
        self, tried: Sequence[TunedCandidate], rival: FrozenCandidate
    ) -> TunedCandidate | None:
        """The plainest of those that chance alone may tell apart."""
        assert rival.judgement is not None
        limit = rival.judgement.at(self.data.held_out_in(tried[0].folds))
        self.account.add_tuned(tried, limit)
        better = [candidate for candidate in tried if candidate.judgement.log_loss < limit]
        if not better:
            return None
        return better[preferred([candidate.judgement for candidate in better])]

    def _tried(self, recipe: FineTuningRecipe) -> Iterator[TunedCandidate]:
        """The last stages, and every layer judged by the same folds."""
        plain = try_fine_tuning(self.data, recipe, self._folds(recipe), self.report)
        missing = len(self.data.folds) - len(plain.folds)
        if missing:
            self.account.leave_out(f"{missing} more folds to judge fine-tuning by", BEYOND_BUDGET)
        yield plain
        full = replace(recipe, frozen_stages=None)
        if self.planned.plan.full_tuning and self._has_time(full, len(plain.folds)):
            yield try_fine_tuning(self.data, full, plain.folds, self.report)
        else:
            self.account.leave_out("full fine-tuning", BEYOND_BUDGET)

    def _folds(self, recipe: FineTuningRecipe) -> Iterator[int]:
        """The first of the plan, and each other one for which time is left when it comes up."""
        first, *others = self.data.folds[: self.planned.plan.tuning_folds]
        yield first
        for fold in others:
            if not self._has_time(recipe, 1):
                return
            yield fold

    def _has_time(self, recipe: FineTuningRecipe, folds: int) -> bool:
        """For so many trials and all pictures afterwards."""
        costs = self.planned.costs
        expected = (folds - 1) * costs.trial(recipe) + costs.of(recipe)
        return expected <= self.planned.budget.left
