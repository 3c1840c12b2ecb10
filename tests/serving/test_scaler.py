"""Load traces played against the decision, with the units it asks for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.serving.traces import BURST, EBB, QUIET, RAMP, SAWTOOTH, STEP_SECONDS, TRICKLE

from lensmith.serving.scaler import (
    QUIET_SECONDS,
    SAMPLE_SECONDS,
    Sample,
    UnitRange,
    desired_units,
    is_idle_long_enough,
    recent,
)


def play(
    demand: Callable[[float], float], seconds: float, minimum: int = 1, maximum: int = 5
) -> dict[float, int]:
    """The units at every moment of a trace that starts with the minimum."""
    units, samples, course = minimum, list[Sample](), {}
    for step in range(int(seconds / SAMPLE_SECONDS)):
        now = step * SAMPLE_SECONDS
        samples = recent([*samples, Sample(now, demand(now))], now)
        course[now] = units = desired_units(samples, units, UnitRange(minimum, maximum))
    return course


def play_trace(trace: Sequence[float]) -> list[int]:
    """The units at every sample of a trace."""
    return list(
        play(lambda now: trace[int(now / STEP_SECONDS)], len(trace) * STEP_SECONDS).values()
    )


def changes(course: Iterable[int]) -> list[int]:
    """The counts of units one after the other, from the first."""
    return [units for units, _ in groupby(course)]


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        (QUIET, [1]),
        (TRICKLE, [1]),
        (RAMP, [1, 2, 3, 4, 5]),
        (BURST, [1, 2, 4, 5, 3, 2, 1]),
        (SAWTOOTH, [1, 2, 3, 4]),
        (EBB, [4, 3, 2, 1]),
    ],
    ids=["quiet", "trickle", "ramp", "burst", "sawtooth", "ebb"],
)
def test_units_follow_a_load_without_flapping(trace: Sequence[float], expected: list[int]) -> None:
    assert changes(play_trace(trace)) == expected


@pytest.mark.parametrize("trace", [RAMP, BURST, SAWTOOTH, EBB])
def test_two_seconds_after_a_step_no_request_waits_that_a_unit_could_serve(
    trace: Sequence[float],
) -> None:
    samples_a_step = int(STEP_SECONDS / SAMPLE_SECONDS)
    course = play_trace(trace)
    for index, demand in enumerate(trace):
        units = course[(index + 1) * samples_a_step - 1]
        assert units >= min(demand - 0.25, 5)


@pytest.fixture(scope="module")
def recorded() -> Any:
    """What was asked of two models of a live server, and the units that it wanted."""
    # python -m bench load_traces --into tests/serving/recorded.json
    return json.loads((Path(__file__).parent / "recorded.json").read_bytes())


@pytest.mark.parametrize(
    ("model", "expected"),
    [("classifier", [1, 2, 3, 4, 3, 2, 1]), ("detector", [1, 2, 3, 4, 2, 1])],
)
def test_units_follow_a_recorded_load_as_the_server_did(
    recorded: Any, model: str, expected: list[int]
) -> None:
    assert recorded["sample_seconds"] == SAMPLE_SECONDS
    demand, wanted = recorded[model]["demand"], recorded[model]["desired"]
    course = play(
        lambda now: demand[int(now / SAMPLE_SECONDS)], len(demand) * SAMPLE_SECONDS, maximum=4
    )
    assert changes(course.values()) == expected
    # The server sampled at other moments, and counts requests without their way to it.
    near = int(6 / SAMPLE_SECONDS)
    for index, units in enumerate(course.values()):
        around = wanted[max(index - near, 0) : index + near]
        assert min(around) <= units <= max(around)


@pytest.mark.parametrize("model", ["classifier", "detector"])
def test_no_recorded_request_waits_longer_than_two_seconds_for_a_unit_that_may_come(
    recorded: Any, model: str
) -> None:
    demand = recorded[model]["demand"]
    course = play(
        lambda now: demand[int(now / SAMPLE_SECONDS)], len(demand) * SAMPLE_SECONDS, maximum=4
    )
    window = int(2 / SAMPLE_SECONDS)
    for index, units in enumerate(course.values()):
        steady = min(demand[max(index - window + 1, 0) : index + 1])
        assert units >= min(steady - 0.25, 4)


def test_quiet_keeps_the_minimum() -> None:
    assert set(play(lambda _: 0.0, 300, minimum=2).values()) == {2}


def test_one_client_after_the_other_needs_one_unit() -> None:
    # A second unit would stand idle however busy the first is.
    assert set(play(lambda _: 1.0, 300).values()) == {1}


@pytest.mark.parametrize(
    ("idle", "idle_stop", "expected"),
    [(0, 0, False), (1e9, 0, False), (59, 60, False), (60, 60, True), (0, 60, False)],
)
def test_a_model_rests_only_when_it_is_to(idle: float, idle_stop: float, expected: bool) -> None:
    assert is_idle_long_enough(idle, idle_stop) is expected


def test_a_queue_calls_for_units_within_two_seconds() -> None:
    course = play(lambda now: 0.2 if now < 30 else 4.0, 60)
    assert course[29.5] == 1
    assert course[32] == 4


def test_no_more_than_the_maximum() -> None:
    assert max(play(lambda _: 100.0, 30, maximum=3).values()) == 3


def test_units_go_after_a_minute_of_quiet_and_not_before() -> None:
    course = play(lambda now: 3.0 if now < 30 else 0.0, 200)
    assert course[29.5] == 3
    assert course[30 + QUIET_SECONDS - 10] == 3
    assert course[30 + QUIET_SECONDS + 10] == 1


def test_bursts_within_the_minute_keep_the_units() -> None:
    course = play(lambda now: 4.0 if now % 30 < 12 else 0.0, 600)
    assert {units for now, units in course.items() if now > 10} == {4}


def test_a_slow_ebb_takes_units_one_after_the_other() -> None:
    course = list(play(lambda now: max(4.0 - now / 100, 0.0), 700).values())[4:]
    assert changes(course) == [4, 3, 2, 1]


def test_a_changed_range_counts_at_once() -> None:
    samples = [Sample(0.0, 0.0)]
    assert desired_units(samples, current=1, allowed=UnitRange(3, 3)) == 3
    assert desired_units(samples, current=5, allowed=UnitRange(1, 2)) == 2
    assert desired_units([], current=0, allowed=UnitRange(1, 4)) == 1


@given(
    st.lists(st.floats(0, 1e4), max_size=200),
    st.integers(0, 10),
    st.integers(1, 5),
    st.integers(0, 5),
)
def test_the_decision_stays_in_its_range(
    demands: list[float], current: int, minimum: int, more: int
) -> None:
    samples = [Sample(index * SAMPLE_SECONDS, demand) for index, demand in enumerate(demands)]
    assert (
        minimum
        <= desired_units(samples, current, UnitRange(minimum, minimum + more))
        <= minimum + more
    )
