"""The clock against the schedule of detectors from the hub, in counted seconds."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.training.detector.counted_time import CountedTime

from lensmith.domain.training_report import EndReason
from lensmith.training.budget import TimeBudget
from lensmith.training.hub_detector.recipe import HubDetectorRecipe
from lensmith.training.hub_detector.schedule import CosineSchedule
from lensmith.training.optimisation import FINAL_LR_FACTOR, warmup_cosine

RECIPE = HubDetectorRecipe(iterations=200, more_iterations=66)


@dataclass
class Trained:
    """What a training on a schedule saw at each of its steps, the first one at 0."""

    schedule: CosineSchedule
    seconds: float
    shares: list[float]
    mosaics: list[float]

    @property
    def steps(self) -> int:
        return len(self.shares)


def trained(seconds: float, *paces: tuple[int, float]) -> Trained:
    """Steps and what each of them takes, the last ones for ever."""
    clock = CountedTime()
    schedule = CosineSchedule(RECIPE, RECIPE.iterations, TimeBudget(seconds, 0.0, clock))
    costs = [cost for steps, cost in paces for _ in range(steps)]
    shares: list[float] = []
    mosaics: list[float] = []
    while len(shares) < schedule.end:
        step = len(shares) + 1
        shares.append(schedule.lr_factor(step))
        mosaics.append(schedule.mosaic(step))
        clock.now += costs[step - 1]
        schedule.consider(step)
    return Trained(schedule, clock.now, shares, mosaics)


def test_with_time_enough_the_clock_changes_nothing() -> None:
    quick, slow = trained(201.0, (200, 0.01)), trained(201.0, (200, 1.0))
    assert quick.shares == slow.shares == [warmup_cosine(step, 200, 30) for step in range(1, 201)]
    assert quick.mosaics == slow.mosaics == [RECIPE.mosaic] * 150 + [0.0] * 50
    assert quick.schedule.reason == slow.schedule.reason == EndReason.ALL_ITERATIONS


def test_what_does_not_fit_ends_in_time_with_its_whole_last_part() -> None:
    short = trained(100.0, (200, 1.0))
    assert (short.steps, short.seconds, short.schedule.reason) == (
        100,
        100.0,
        EndReason.OUT_OF_TIME,
    )
    assert short.mosaics == [RECIPE.mosaic] * 75 + [0.0] * 25
    full = [warmup_cosine(step, 200, 30) for step in range(1, 76)]
    assert short.shares[:75] == full
    assert short.shares[75:] == sorted(short.shares[75:], reverse=True)
    assert short.shares[-1] == pytest.approx(FINAL_LR_FACTOR)


@pytest.mark.parametrize("slow_from", [1, 60, 140, 190])
def test_a_machine_that_becomes_slow_ends_within_a_step(slow_from: int) -> None:
    late = trained(205.0, (slow_from, 1.0), (200, 4.0))
    assert late.seconds <= 205.0 + 4.0
    assert slow_from < late.steps < 200
    assert late.schedule.reason == EndReason.OUT_OF_TIME
    assert late.shares[-1] < late.shares[-2]


def test_without_any_time_one_step_is_done() -> None:
    assert trained(0.0, (200, 1.0)).steps == 1


def test_what_is_left_follows_the_pace() -> None:
    clock = CountedTime()
    schedule = CosineSchedule(RECIPE, 100, TimeBudget(1e6, 0.0, clock))
    clock.now = 30.0
    assert schedule.seconds_left(10) == pytest.approx(270.0)
