"""The leader's view of one version's demand, against a clock of its own."""

from __future__ import annotations

from lensmith.serving.cluster.demand import VersionDemand
from lensmith.serving.scaler import QUIET_SECONDS, SAMPLE_SECONDS, UnitRange

ONE_TO_FIVE = UnitRange(1, 5)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def follow(
    demand: VersionDemand, clock: Clock, seconds: float, busy: float, idle_stop: float = 0
) -> list[int]:
    wanted = []
    for _ in range(round(seconds / SAMPLE_SECONDS)):
        clock.now += SAMPLE_SECONDS
        wanted.append(demand.update(ONE_TO_FIVE, round(busy), busy, idle_stop))
    return wanted


def test_units_follow_what_all_servers_report() -> None:
    clock = Clock()
    demand = VersionDemand(clock)
    assert follow(demand, clock, 3, busy=0)[-1] == 1
    assert follow(demand, clock, 3, busy=3)[-1] == 3
    assert follow(demand, clock, QUIET_SECONDS + 5, busy=0)[-1] == 1


def test_an_idle_version_goes_to_zero_and_comes_back_with_a_request() -> None:
    clock = Clock()
    demand = VersionDemand(clock)
    wanted = follow(demand, clock, 12, busy=0, idle_stop=10)
    assert wanted[0] == 1
    assert wanted[-1] == 0
    assert demand.update(ONE_TO_FIVE, 1, 0, 10) == 1


def test_a_new_leader_waits_before_it_ends_units() -> None:
    clock = Clock()
    clock.now = 1e6
    assert VersionDemand(clock).update(ONE_TO_FIVE, 0, 0, 10) == 1


def test_a_version_that_stops_is_drained_when_no_server_has_a_request() -> None:
    clock = Clock()
    demand = VersionDemand(clock)
    assert not demand.is_drained(0, 1.5, 30)  # servers have not seen it yet
    clock.now = 2
    assert not demand.is_drained(1, 1.5, 30)
    assert demand.is_drained(0, 1.5, 30)
    clock.now = 31
    assert demand.is_drained(1, 1.5, 30)
