"""Nodes, placed units, loads of routers, and who leads, on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.exc import OperationalError
from tests.support.eventually import until

from lensmith.domain.project import Project
from lensmith.store.records import (
    cluster_tables,
    leader_signs,
    nodes,
    placed_units,
    project_versions,
    router_loads,
)
from lensmith.store.records.engine import Records
from lensmith.store.records.leadership import Leadership, NotLeaderError
from lensmith.store.records.placed_units import UnitState
from lensmith.store.records.router_loads import RouterLoad


@pytest.fixture
def version_id(write: Connection, project: Project) -> int:
    return project_versions.create(
        write,
        project,
        "v1",
        output_bucket="results",
        output_prefix="",
        training_input={},
        testing_input={},
    ).id


def test_a_node_reports_again_and_again(write: Connection) -> None:
    nodes.report(write, "a", "10.0.0.1", 100)
    assert nodes.drain(write, "a")
    nodes.report(write, "a", "10.0.0.2", 200)
    (node,) = nodes.every(write)
    assert (node.host, node.memory_bytes, node.is_draining) == ("10.0.0.2", 200, True)
    assert 0 <= node.silent_ms < 60_000
    assert not node.has_left
    assert not nodes.drain(write, "b")
    nodes.leave(write, "a")
    (left,) = nodes.every(write)
    assert (left.has_left, left.is_draining) == (True, True)
    nodes.report(write, "a", "10.0.0.2", 200)
    assert not nodes.every(write)[0].has_left


def test_a_node_that_is_gone_is_forgotten_unless_it_is_drained(write: Connection) -> None:
    for name in ("drained", "gone", "here", "left"):
        nodes.report(write, name, "10.0.0.1", 100)
    table = cluster_tables.nodes
    day_ago = update(table).values(seen_ms=table.c.seen_ms - 25 * 3_600_000)
    write.execute(day_ago.where(table.c.name.in_(["drained", "gone"])))
    nodes.drain(write, "drained")
    nodes.leave(write, "left")
    nodes.remove_old(write)
    assert [node.name for node in nodes.every(write)] == ["drained", "here"]


def test_a_unit_from_wanted_to_gone(write: Connection, version_id: int) -> None:
    placed_units.place(write, version_id, "a")
    placed_units.place(write, version_id, "b")
    first, second = placed_units.every(write)
    assert (first.state, first.node) == (UnitState.WANTED, "a")
    assert [one.id for one in placed_units.of_node(write, "b")] == [second.id]
    placed_units.report(write, first.id, UnitState.READY, port=7)
    placed_units.report(write, second.id, UnitState.FAILED, reason="torn")
    assert [(one.port, one.reason) for one in placed_units.every(write)] == [
        (7, None),
        (None, "torn"),
    ]
    placed_units.dismiss(write, [first.id])
    placed_units.report(write, first.id, UnitState.READY, port=8)  # it came too late
    assert placed_units.of_node(write, "a")[0].state is UnitState.LEAVING
    placed_units.remove(write, [first.id, second.id])
    assert placed_units.every(write) == []


def test_a_node_begins_again(write: Connection, version_id: int) -> None:
    for _ in range(3):
        placed_units.place(write, version_id, "a")
    ready, leaving, failed = placed_units.every(write)
    placed_units.report(write, ready.id, UnitState.READY, port=7)
    placed_units.dismiss(write, [leaving.id])
    placed_units.report(write, failed.id, UnitState.FAILED, reason="torn")
    placed_units.begin_again(write, "a")
    assert [(one.id, one.state, one.port) for one in placed_units.every(write)] == [
        (ready.id, UnitState.WANTED, None),
        (failed.id, UnitState.FAILED, None),
    ]


def test_loads_count_while_they_are_new(write: Connection, version_id: int) -> None:
    for requests in (1, 3):
        router_loads.report(write, "one", [RouterLoad(version_id, requests, 0.5)])
    router_loads.report(write, "two", [RouterLoad(version_id, 2, 1.5)])
    found = router_loads.since(write, 60_000)
    assert sorted(load.requests for load in found) == [2, 3]
    assert router_loads.since(write, -1) == []
    router_loads.remove_old(write)
    assert len(router_loads.since(write, 60_000)) == 2


def test_on_sqlite_the_only_server_leads(tmp_path: Path) -> None:
    records = Records.open(f"sqlite:///{tmp_path / 'records.db'}")
    records.create_file()
    with Leadership(records, 30).write() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    records.close()


def leads(one: Leadership) -> bool:
    try:
        with one.write():
            return True
    except NotLeaderError:
        return False


def test_one_leads_until_its_session_ends(postgresql_database: str) -> None:
    records = Records.open(postgresql_database)
    first, second = Leadership(records, 30), Leadership(records, 30)
    with first.write() as connection:
        nodes.report(connection, "a", "10.0.0.1", 1)
        session = connection.connection.driver_connection
    for _ in range(2):
        with pytest.raises(NotLeaderError), second.write():
            pass
    assert session is not None
    session.close()  # as when its server is gone; PostgreSQL hears of it a moment later
    until(lambda: leads(second))
    with second.write() as connection:
        assert [node.name for node in nodes.every(connection)] == ["a"]
    with pytest.raises(OperationalError), first.write():
        pass
    with pytest.raises(NotLeaderError), first.write():
        pass
    second.release()
    until(lambda: leads(first))
    assert first.is_held
    first.release()
    records.close()


def test_a_leader_leaves_a_sign(write: Connection) -> None:
    assert leader_signs.silent_ms(write) is None
    for _ in range(2):
        leader_signs.report(write)
        silent_ms = leader_signs.silent_ms(write)
        assert silent_ms is not None
        assert 0 <= silent_ms < 60_000
