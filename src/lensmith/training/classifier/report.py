"""Collects the trials of a classifier's training, their scores, and the choice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lensmith.training.budget import TimeBudget
from lensmith.training.candidates_report import CandidatesReport
from lensmith.training.classifier.cross_validation import ValidationScore
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.fine_tuned import TunedCandidate
from lensmith.training.classifier.frozen_features import FrozenCandidate
from lensmith.training.classifier.linear_head import HeadKind, HeadRecipe
from lensmith.training.classifier.plan import BEYOND_BUDGET, ClassifierPlan
from lensmith.training.classifier.recipe import ClassifierRecipe

FROZEN, TUNED, FULLY_TUNED = "frozen features", "fine-tuning", "full fine-tuning"


class ClassifierReport(CandidatesReport):
    """Filled while training goes on; `written` ends up in model.json."""

    def __init__(self, data: LabelledPictures, recipe: ClassifierRecipe) -> None:
        super().__init__()
        self._data = data
        self._recipe = recipe
        self._plan = ""

    def set_plan(self, plan: ClassifierPlan, spared: Sequence[str]) -> None:
        """Note those of the `spared` backbones that the plan has no time for."""
        self._plan = plan.words
        for name in spared:
            if name not in plan.backbones:
                self.leave_out(name, BEYOND_BUDGET)

    def add_frozen(self, candidate: FrozenCandidate) -> None:
        for head, validation in zip(candidate.heads, candidate.validations, strict=False):
            self._tried.append(self._frozen_row(candidate, head, validation))
        untried = len(candidate.heads) - len(candidate.validations)
        if candidate.validations and untried:
            self.leave_out(candidate.extractor.name, f"no time for {untried} more heads")

    def add_tuned(self, candidates: Sequence[TunedCandidate], baseline: float) -> None:
        """`baseline` is the log loss of the best frozen features on the same pictures."""
        self._tried += [_tuned_row(candidate) for candidate in candidates]
        losses = [
            f"of {_method(candidate)} {candidate.validation.log_loss:.3f}"
            for candidate in candidates
        ]
        self._reason = (
            f"log loss {', '.join(losses)}, of frozen features {baseline:.3f}, on the same "
            f"{len(candidates[0].validation.losses)} pictures that none of them had learnt from"
        )
        if len(candidates) > 1:
            self._reason += "; the plainer fine-tuning where one standard error holds both"

    def skip_fine_tuning(self, reason: str) -> None:
        self._reason = (
            "the plainest head and the strongest backbone within one standard error of the lowest "
            f"log loss in cross-validation on the training pictures; {reason}"
        )

    def choose_frozen(self, candidate: FrozenCandidate) -> None:
        self._chosen = self._frozen_row(candidate, candidate.head, candidate.validation) | {
            "features": FROZEN,
            "views": candidate.views.shape[1],
            "temperature": candidate.validation.temperature if candidate.validation else 1.0,
        }

    def choose_tuned(self, candidate: TunedCandidate) -> None:
        self._chosen = _tuned_row(candidate) | {
            "features": _method(candidate),
            "temperature": candidate.validation.temperature,
            "trial_seconds": round(candidate.seconds, 1),
            "recipe": asdict(candidate.recipe),
        }

    def written(self, budget: TimeBudget) -> dict[str, Any]:
        uses = self._data.truth.sum(0)
        recipe = asdict(self._recipe)
        recipe["candidates"] = [name.value for name in self._recipe.candidates]
        return {
            "seed": self._data.seed,
            "labels_exclude_each_other": self._data.exclusive,
            "fewest_pictures_a_label": int(uses.min()),
            "most_pictures_a_label": int(uses.max()),
            "recipe": recipe,
            "plan": self._plan,
            **self.summary(),
            "score": "accuracy" if self._data.exclusive else "mean average precision",
            "budget_seconds": round(budget.seconds),
            "fitting_seconds": round(time.monotonic() - budget.began, 1),
        }

    def _frozen_row(
        self, candidate: FrozenCandidate, head: HeadRecipe, validation: ValidationScore | None
    ) -> dict[str, Any]:
        strength = f", C {head.strength:g}" if head.kind is HeadKind.REGRESSION else ""
        method = head.kind.value + strength
        return _row(candidate.extractor.name, method, validation, len(self._data.folds))


def _tuned_row(candidate: TunedCandidate) -> dict[str, Any]:
    backbone, folds = candidate.recipe.backbone.value, len(candidate.folds)
    return _row(backbone, _method(candidate), candidate.validation, folds)


def _method(candidate: TunedCandidate) -> str:
    return FULLY_TUNED if candidate.recipe.is_full else TUNED


def _row(
    backbone: str, method: str, validation: ValidationScore | None, folds: int
) -> dict[str, Any]:
    row: dict[str, Any] = {"backbone": backbone, "method": method}
    if validation is None:
        return row
    return row | {
        "log_loss": round(validation.log_loss, 4),
        "spread": round(validation.spread, 4),
        "score": round(validation.metric, 4),
        "folds": folds,
        "pictures": len(validation.losses),
    }
