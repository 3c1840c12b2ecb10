"""What the leader changes: no unit ends before its replacement, no node alone fails a version."""

from __future__ import annotations

from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.serving.cluster.plan import UNIT_BYTES, Changes, Wanted, plan
from lensmith.store.records.nodes import ClusterNode
from lensmith.store.records.placed_units import PlacedUnit, UnitState

RUNNING, STARTING, STOPPING = (
    VersionStatus.RUNNING,
    VersionStatus.STARTING,
    VersionStatus.STOPPING,
)
READY, WANTED, FAILED, LEAVING = (
    UnitState.READY,
    UnitState.WANTED,
    UnitState.FAILED,
    UnitState.LEAVING,
)


def version(status: VersionStatus = RUNNING) -> ProjectVersion:
    return ProjectVersion(
        id=1,
        arn="arn:aws:rekognition:us-east-1:000000000000:project/p/version/v/1",
        project_id=1,
        name="v",
        status=status,
        status_message="",
        output_bucket="results",
        output_prefix="",
        created_ms=0,
    )


def wanted(units: int, status: VersionStatus = RUNNING, *, is_drained: bool = False) -> Wanted:
    return Wanted(version(status), units, units, is_drained=is_drained)


def node(name: str, *, is_draining: bool = False, units: int = 8) -> ClusterNode:
    return ClusterNode(name, "127.0.0.1", units * UNIT_BYTES, is_draining, 0)


def unit(
    number: int, where: str, state: UnitState = READY, reason: str | None = None, age_ms: int = 0
) -> PlacedUnit:
    return PlacedUnit(number, 1, where, state, 7000 + number, reason, age_ms)


def test_a_version_that_starts_gets_its_units_on_two_nodes() -> None:
    changes = plan([wanted(2, STARTING)], [node("a"), node("b")], [])
    assert sorted(changes.placed) == [(1, "a"), (1, "b")]
    assert changes.statuses == []


def test_it_runs_once_enough_units_are_ready() -> None:
    nodes = [node("a"), node("b")]
    units = [unit(1, "a"), unit(2, "b", WANTED)]
    assert plan([wanted(2, STARTING)], nodes, units) == Changes()
    units = [unit(1, "a"), unit(2, "b")]
    (status,) = plan([wanted(2, STARTING)], nodes, units).statuses
    assert status[1] is RUNNING


def test_units_of_a_node_that_is_gone_come_up_elsewhere() -> None:
    changes = plan([wanted(1)], [node("b")], [unit(1, "a")])
    assert changes == Changes(placed=[(1, "b")], removed=[1])


def test_a_drained_node_keeps_its_unit_until_the_next_is_ready() -> None:
    nodes = [node("a", is_draining=True), node("b")]
    assert plan([wanted(1)], nodes, [unit(1, "a")]) == Changes(placed=[(1, "b")])
    assert plan([wanted(1)], nodes, [unit(1, "a"), unit(2, "b", WANTED)]) == Changes()
    both = [unit(1, "a"), unit(2, "b")]
    assert plan([wanted(1)], nodes, both) == Changes(dismissed=[1])


def test_fewer_units_are_wanted() -> None:
    changes = plan([wanted(1)], [node("a"), node("b")], [unit(1, "a"), unit(2, "b")])
    assert len(changes.dismissed) == 1
    assert changes.placed == []


def test_a_unit_that_is_not_ready_goes_first() -> None:
    units = [unit(1, "a"), unit(2, "a", WANTED)]
    assert plan([wanted(1)], [node("a")], units) == Changes(dismissed=[2])


def test_a_unit_that_could_not_start_is_tried_on_another_node() -> None:
    changes = plan([wanted(1, STARTING)], [node("a"), node("b")], [unit(1, "a", FAILED, "torn")])
    assert changes == Changes(placed=[(1, "b")])


def test_a_version_fails_once_every_node_has_tried() -> None:
    units = [unit(1, "a", FAILED, "torn"), unit(2, "b", FAILED, "no memory")]
    changes = plan([wanted(1, STARTING)], [node("a"), node("b")], units)
    assert changes == Changes(
        removed=[1, 2],
        statuses=[(version(STARTING), VersionStatus.FAILED, "no memory")],
        without_room=1,
    )


def test_a_failure_counts_for_ten_minutes() -> None:
    old = unit(1, "a", FAILED, "torn", age_ms=600_001)
    assert plan([wanted(1)], [node("a")], [old]) == Changes(placed=[(1, "a")], removed=[1])


def test_a_version_that_stops_keeps_its_units_until_its_requests_are_answered() -> None:
    assert plan([wanted(0, STOPPING)], [node("a")], [unit(1, "a")]) == Changes()
    stopping = wanted(0, STOPPING, is_drained=True)
    assert plan([stopping], [node("a")], [unit(1, "a")]) == Changes(dismissed=[1])
    assert plan([stopping], [node("a")], [unit(1, "a", LEAVING)]) == Changes()
    (status,) = plan([stopping], [node("a")], []).statuses
    assert status[1] is VersionStatus.STOPPED


def test_units_of_a_version_that_is_not_hosted_end() -> None:
    units = [unit(1, "a"), unit(2, "a", FAILED)]
    assert plan([], [node("a")], units) == Changes(removed=[2], dismissed=[1])


def test_a_unit_without_room_is_counted() -> None:
    changes = plan([wanted(2)], [node("a", units=1), node("b", units=0)], [])
    assert changes == Changes(placed=[(1, "a")], without_room=1)


def test_a_version_that_starts_without_room_fails() -> None:
    nodes = [node("a", units=1), node("b", units=0)]
    (status,) = plan([wanted(2, STARTING)], nodes, []).statuses
    assert status[1:] == (
        VersionStatus.FAILED,
        "There is memory for 1 of 2 inference units, on machines of their own where there are "
        "several.",
    )
    assert plan([wanted(2, STARTING)], [], []).statuses == []
