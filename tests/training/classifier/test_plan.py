from __future__ import annotations

from dataclasses import replace

import pytest

from lensmith.domain.training_report import ClassifierPlan
from lensmith.training.budget import SAFETY_FACTOR, TimeBudget
from lensmith.training.classifier.plan import AdditionCosts, widened

USUAL = ClassifierPlan(("lite0", "lite2"), folds=4, tuning_folds=1)
COSTS = AdditionCosts({"lite1": 5.0}, tuning_fold=10.0, full_tuning_fold=20.0)


@pytest.mark.parametrize(
    ("room", "folds", "backbones", "full"),
    [
        (0, 1, 2, False),
        (9, 1, 2, False),
        (10, 1, 3, False),  # too little for a fold, enough for a backbone
        (20, 2, 2, False),
        (30, 2, 3, False),
        (60, 4, 2, False),
        (70, 4, 3, False),
        (229, 4, 3, False),
        (230, 4, 3, True),
        (1e9, 4, 3, True),
    ],
)
def test_room_buys_folds_then_backbones_then_full_fine_tuning(
    room: float, folds: int, backbones: int, full: bool
) -> None:
    plan = widened(USUAL, COSTS, room)
    assert (plan.tuning_folds, len(plan.backbones), plan.full_tuning) == (folds, backbones, full)
    assert SAFETY_FACTOR * COSTS.between(USUAL, plan) <= room


def test_too_few_pictures_are_not_fine_tuned_however_much_time_there_is() -> None:
    few = replace(USUAL, tuning_folds=0)
    plan = widened(few, AdditionCosts({"lite1": 5.0}), 1e9)
    assert plan == replace(few, backbones=("lite0", "lite2", "lite1"))


def test_where_nothing_can_be_held_out_no_folds_are_bought() -> None:
    alone = replace(USUAL, folds=0, tuning_folds=0)
    assert widened(alone, COSTS, 1e9).tuning_folds == 0


@pytest.mark.parametrize("expected", [0.1, 29.0, 300.0, 5000.0])
def test_the_budget_that_nobody_set_has_no_room(expected: float) -> None:
    assert TimeBudget.of(None, expected, 0.0).beyond(expected) == 0


def test_a_budget_has_room_beyond_twice_what_is_expected() -> None:
    assert TimeBudget.of(1000.0, 300.0, 0.0).beyond(300.0) == 400
    assert TimeBudget.of(100.0, 1.0, 0.0).beyond(1.0) == 40  # after the least that all get
    assert TimeBudget.of(50.0, 300.0, 0.0).beyond(300.0) == 0
