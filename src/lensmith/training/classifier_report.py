"""What was tried in training a classifier, how it did, and why the winner won."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from lensmith.training.budget import TimeBudget
from lensmith.training.candidates_report import CandidatesReport
from lensmith.training.cross_validation import Judgement
from lensmith.training.fine_tuned import TunedCandidate
from lensmith.training.frozen_features import FrozenCandidate
from lensmith.training.labelled_pictures import LabelledPictures
from lensmith.training.linear_head import HeadKind, HeadRecipe
from lensmith.training.recipe import ClassifierRecipe

FROZEN, TUNED = "frozen features", "fine-tuning"


class ClassifierReport(CandidatesReport):
    """Filled while training goes on; `written` ends up in model.json."""

    def __init__(self, data: LabelledPictures, recipe: ClassifierRecipe) -> None:
        super().__init__()
        self._data = data
        self._recipe = recipe

    def add_frozen(self, candidate: FrozenCandidate) -> None:
        for head, judgement in zip(candidate.heads, candidate.judgements, strict=False):
            self._tried.append(_frozen_row(candidate, head, judgement))
        untried = len(candidate.heads) - len(candidate.judgements)
        if candidate.judgements and untried:
            self.leave_out(candidate.extractor.name, f"no time for {untried} more heads")

    def add_tuned(self, candidate: TunedCandidate, rival: float) -> None:
        """`rival` is the log loss of the best frozen features on the same pictures."""
        self._tried.append(_row(candidate.recipe.backbone.value, TUNED, candidate.judgement))
        self._reason = (
            f"log loss of fine-tuning {candidate.judgement.log_loss:.3f}, of frozen features "
            f"{rival:.3f}, on the same {len(candidate.judgement.losses)} pictures that neither "
            "had learnt from"
        )

    def skip_fine_tuning(self, reason: str) -> None:
        self._reason = (
            "the plainest head and the strongest backbone within one standard error of the lowest "
            f"log loss in cross-validation on the training pictures; {reason}"
        )

    def choose_frozen(self, candidate: FrozenCandidate) -> None:
        self._chosen = _frozen_row(candidate, candidate.head, candidate.judgement) | {
            "features": FROZEN,
            "views": candidate.views.shape[1],
            "temperature": candidate.judgement.temperature if candidate.judgement else 1.0,
        }

    def choose_tuned(self, candidate: TunedCandidate) -> None:
        self._chosen = self._tried[-1] | {
            "features": TUNED,
            "temperature": candidate.judgement.temperature,
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
            **self.told(),
            "score": "accuracy" if self._data.exclusive else "mean average precision",
            "budget_seconds": round(budget.seconds),
            "fitting_seconds": round(time.monotonic() - budget.began, 1),
        }


def _frozen_row(
    candidate: FrozenCandidate, head: HeadRecipe, judgement: Judgement | None
) -> dict[str, Any]:
    strength = f", C {head.strength:g}" if head.kind is HeadKind.REGRESSION else ""
    return _row(candidate.extractor.name, head.kind.value + strength, judgement)


def _row(backbone: str, method: str, judgement: Judgement | None) -> dict[str, Any]:
    row: dict[str, Any] = {"backbone": backbone, "method": method}
    if judgement is None:
        return row
    return row | {
        "log_loss": round(judgement.log_loss, 4),
        "spread": round(judgement.spread, 4),
        "score": round(judgement.score, 4),
        "pictures": len(judgement.losses),
    }
