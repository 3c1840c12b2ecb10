"""Ray's nodes in the records: by what Ray says, and by their units while it says nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.serving.ray.node import CREDENTIALS, HOST, Node
from tests.support.eventually import until
from tests.support.installed_model import install_model

from lensmith.ray_cluster.actors import RayNode, Resources
from lensmith.serving.ray.nodes import RayNodes, node_name
from lensmith.serving.ray.order import UnitOrder
from lensmith.serving.remote.tls import connecting_context
from lensmith.store.records import nodes, placed_units
from lensmith.store.records.engine import Records
from lensmith.store.records.nodes import ClusterNode
from lensmith.store.records.placed_units import UnitState

UNIT = Resources(cpus=2, gpus=0, memory_bytes=100)


@pytest.fixture
def records(empty_records: Path, tmp_path: Path) -> Iterator[Records]:
    file = shutil.copy(empty_records, tmp_path / "records.db")
    records = Records.open(f"sqlite:///{file}")
    yield records
    records.close()


@pytest.fixture
def ray_nodes(records: Records) -> Iterator[RayNodes]:
    made = RayNodes(records, connecting_context(CREDENTIALS), UNIT, lambda: True)
    yield made
    made.stop()


def test_what_ray_says_is_recorded(records: Records, ray_nodes: RayNodes) -> None:
    first, second, head = (
        RayNode(letter * 56, f"10.0.0.{place}", offered, is_alive=True)
        for letter, place, offered in (
            ("a", 1, {"CPU": 5.0, "memory": 1000.0}),
            ("b", 2, {"CPU": 64.0, "memory": 350.0}),
            ("c", 3, {"CPU": 0.0, "memory": 1000.0}),
        )
    )
    ray_nodes.note([first, second, head])
    ray_nodes.start()
    found = until(lambda: _nodes(records), lambda found: len(found) == 2)
    assert [(node.host, node.memory_bytes) for node in found] == [
        ("10.0.0.1", 200),
        ("10.0.0.2", 300),
    ]
    ray_nodes.note([first, replace(second, is_alive=False), head])
    (left,) = until(lambda: _nodes(records), lambda found: len(found) == 1)
    assert left.name == node_name(first) == "ray-aaaaaaaaaaaaaaaa"


def test_while_ray_is_silent_units_show_that_their_node_lives(
    records: Records, ray_nodes: RayNodes, node: Node, order: UnitOrder
) -> None:
    _, version = install_model(records, [], "asked")
    node.actor.supply(replace(order, version_id=version.id))
    ports = {"ray-there": node.await_port(), "ray-gone": 1}
    with records.write() as connection:
        for name in (*ports, "ray-empty", "other"):
            nodes.report(connection, name, HOST, 100)
            nodes.leave(connection, name)
        for name, port in ports.items():
            placed_units.place(connection, version.id, name)
            placed = placed_units.of_node(connection, name)[0]
            placed_units.report(connection, placed.id, UnitState.READY, port=port)
    ray_nodes.start()
    until(lambda: _in_service(records), lambda found: found == {"ray-there", "ray-empty"})
    node.actor.leave()
    assert node.ended.wait(60)
    with records.write() as connection:
        for name in ("ray-there", "ray-empty"):
            nodes.leave(connection, name)
    until(lambda: _in_service(records), lambda found: found == {"ray-empty"})


def _nodes(records: Records) -> list[ClusterNode]:
    with records.read() as connection:
        return nodes.every(connection)


def _in_service(records: Records) -> set[str]:
    return {node.name for node in _nodes(records) if not node.has_left}
