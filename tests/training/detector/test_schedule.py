"""When a detector's training cools down and ends, in counted seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from tests.training.detector.counted_time import CountedTime

from lensmith.domain.training_report import EndReason
from lensmith.training.budget import TimeBudget
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector.schedule import Schedule

RECIPE = DetectorRecipe((96, 96), (96, 96), iterations=150, guard_seconds=1e6, warmup=10)
UNLIMITED = TimeBudget(1e6, 0.0, CountedTime())


@dataclass
class Trained:
    """What a training on a schedule saw."""

    schedule: Schedule
    seconds: float
    shares: list[float]
    cooled_from: int

    @property
    def steps(self) -> int:
        return len(self.shares)


def trained(
    budget: float,
    *,
    before: float = 0.0,
    pace: float = 1.0,
    judging: float = 0.0,
    cooling_pace: float | None = None,
    iterations: int = 150,
) -> Trained:
    """`before` seconds pass before the first step, `judging` when cooling begins."""
    clock = CountedTime(before)
    schedule = Schedule(replace(RECIPE, iterations=iterations), TimeBudget(budget, 0.0, clock))
    shares: list[float] = []
    cooled_from = 0
    while (step := len(shares)) < schedule.end:
        if schedule.is_decaying(step) and not cooled_from:
            cooled_from = step
            with schedule.paused():
                clock.now += judging
        shares.append(schedule.lr_factor(step))
        clock.now += cooling_pace if cooling_pace and cooled_from else pace
        schedule.consider(step + 1, found=0.0)
    return Trained(schedule, clock.now, shares, cooled_from)


def test_it_cools_after_its_share_of_the_iterations() -> None:
    shares = trained(1e6).shares
    assert shares[0] == pytest.approx(0.1)
    assert shares[10:100] == [1.0] * 90
    assert shares[100:] == sorted(shares[100:], reverse=True)
    assert shares[-1] < 0.05


def test_it_cools_early_once_learnt() -> None:
    schedule = Schedule(replace(RECIPE, iterations=3000, min_iterations=100), UNLIMITED)
    schedule.consider(50, found=0.99)
    assert not schedule.is_decaying(51)
    schedule.consider(200, found=0.99)
    assert schedule.is_decaying(200)
    assert schedule.end == 300
    assert schedule.reason == EndReason.LEARNT


def test_with_time_enough_the_clock_changes_nothing() -> None:
    quick = trained(200.0, pace=0.01)
    slow = trained(200.0, before=20.0, pace=1.0, judging=20.0)
    assert quick.shares == slow.shares
    assert (slow.steps, slow.seconds, slow.schedule.reason) == (
        150,
        190.0,
        EndReason.ALL_ITERATIONS,
    )


def test_what_comes_before_and_between_is_in_the_budget() -> None:
    short = trained(300.0, before=20.0, judging=12.0, iterations=3000)
    assert 299.0 <= short.seconds <= 300.0
    assert short.schedule.reason == EndReason.OUT_OF_TIME
    assert short.cooled_from == pytest.approx(280 / 1.5, abs=1)
    assert short.steps - short.cooled_from == pytest.approx(280 / 3 - 12, abs=2)
    assert short.shares[-1] < 0.05


def test_a_machine_that_becomes_slow_ends_within_a_step() -> None:
    late = trained(160.0, cooling_pace=4.0)
    assert 160.0 <= late.seconds <= 164.0
    assert late.cooled_from == 100
    assert late.schedule.reason == EndReason.OUT_OF_TIME
    assert late.shares[100:] == sorted(late.shares[100:], reverse=True)


def test_a_slow_first_step_is_made_up_for() -> None:
    clock = CountedTime()
    schedule = Schedule(replace(RECIPE, iterations=3000), TimeBudget(60.0, 0.0, clock))
    clock.now, step = 30.0, 1
    schedule.consider(step, found=0.0)
    while step < schedule.end:
        clock.now, step = clock.now + 0.5, step + 1
        schedule.consider(step, found=0.0)
    assert 59.0 <= clock.now <= 60.0


def test_without_any_time_one_step_is_done_at_either_rate() -> None:
    late = trained(0.0)
    assert (late.steps, late.cooled_from) == (2, 1)


def test_what_is_left_follows_the_pace() -> None:
    clock = CountedTime(5.0)
    schedule = Schedule(RECIPE, TimeBudget(1e6, 0.0, clock))
    clock.now = 35.0
    assert schedule.seconds_left(10) == pytest.approx(420.0)


def test_the_ending_takes_at_most_a_quarter_of_a_budget() -> None:
    clock = CountedTime()
    assert TimeBudget(300.0, 0.0, clock).keeping(8.0).left == 292.0
    assert TimeBudget(20.0, 0.0, clock).keeping(8.0).left == 15.0


def test_what_a_budget_leaves_out_is_counted() -> None:
    cut = trained(60.0, iterations=150)
    left_out = cut.schedule.cut(cut.steps)
    assert left_out is not None
    assert left_out.iterations == 150 - cut.steps
    assert left_out.seconds == pytest.approx(left_out.iterations)  # a second each
    assert trained(1e6).schedule.cut(150) is None
