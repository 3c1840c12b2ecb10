from __future__ import annotations

import pytest

from lensmith.serving.cluster.liveness import Leading, is_alive
from lensmith.store.records.nodes import ClusterNode

LIMIT_MS = 10_000
HOUR_MS = 3_600_000


def alive(silent_ms: int, leading: Leading, *, has_left: bool = False) -> bool:
    node = ClusterNode("a", "10.0.0.1", 1, False, silent_ms, has_left)
    return is_alive(node, LIMIT_MS, leading)


@pytest.mark.parametrize(("silent_ms", "expected"), [(0, True), (10_000, True), (10_001, False)])
def test_a_leader_of_long_standing_counts_what_it_has_seen_lately(
    silent_ms: int, expected: bool
) -> None:
    assert alive(silent_ms, Leading(HOUR_MS, 0)) is expected


def test_a_node_that_left_is_gone_at_once() -> None:
    assert not alive(0, Leading(0, None), has_left=True)


def test_a_new_leader_waits_for_those_that_the_database_kept_silent() -> None:
    """PostgreSQL was away for a minute; two seconds ago a server began to lead."""
    assert alive(62_000, Leading(2_000, 60_000))
    assert not alive(71_000, Leading(10_001, 60_000))  # it had its time


def test_a_node_that_the_last_leader_had_seen_gone_stays_gone() -> None:
    assert not alive(HOUR_MS, Leading(500, 1_000))
    assert not alive(72_001, Leading(2_000, 60_000))


def test_without_a_leader_before_all_are_waited_for() -> None:
    assert alive(HOUR_MS, Leading(9_000, None))
