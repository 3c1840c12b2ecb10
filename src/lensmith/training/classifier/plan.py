"""Plans the candidates of a classifier's training within its time budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lensmith.domain.training_report import ClassifierPlan
from lensmith.training.budget import SAFETY_FACTOR


@dataclass(frozen=True, slots=True)
class AdditionCosts:
    """Seconds of the additions that only a larger budget allows."""

    backbones: Mapping[str, float]  # frozen features of each, the worthiest first
    tuning_fold: float = 0.0  # fine-tuning, judged by one more fold
    full_tuning_fold: float = 0.0  # full fine-tuning, judged by one fold

    def between(self, usual: ClassifierPlan, plan: ClassifierPlan) -> float:
        """Compute the seconds that `plan` takes longer than `usual`."""
        more = sum(self.backbones[name] for name in plan.backbones if name not in usual.backbones)
        more += (plan.tuning_folds - usual.tuning_folds) * self.tuning_fold
        return more + (plan.tuning_folds * self.full_tuning_fold if plan.full_tuning else 0.0)


def widened(plan: ClassifierPlan, costs: AdditionCosts, room: float) -> ClassifierPlan:
    """Add as much to `plan` as `room` seconds allow.

    In order of worth: all folds to validate fine-tuning, so that neither the choice nor the
    calibration depends on a quarter of the pictures; other backbones; full fine-tuning. Skips
    additions that do not fit and tries the cheaper ones after them.
    """
    allowance = _TimeAllowance(room)
    while 0 < plan.tuning_folds < plan.folds and allowance.spend(costs.tuning_fold):
        plan = replace(plan, tuning_folds=plan.tuning_folds + 1)
    more = tuple(name for name, seconds in costs.backbones.items() if allowance.spend(seconds))
    plan = replace(plan, backbones=plan.backbones + more)
    full = plan.tuning_folds * costs.full_tuning_fold
    return replace(plan, full_tuning=plan.tuning_folds > 0 and allowance.spend(full))


class _TimeAllowance:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def spend(self, seconds: float) -> bool:
        """Spend the seconds with their safety factor; False, spending none, if too few are left."""
        affordable = SAFETY_FACTOR * seconds <= self._seconds
        if affordable:
            self._seconds -= SAFETY_FACTOR * seconds
        return affordable
