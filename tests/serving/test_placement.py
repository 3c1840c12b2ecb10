"""Where units go: nothing moves without need, no node is overfilled, two are never lost at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lensmith.serving.placement import ModelUnits, Node, Placement, place

GIB = 1 << 30


def nodes_of(number: int, memory: int = 8, draining: tuple[int, ...] = ()) -> list[Node]:
    return [Node(f"node-{one}", memory * GIB, one in draining) for one in range(number)]


def models_of(*units: int) -> list[ModelUnits]:
    return [ModelUnits(f"model-{one}", wanted, GIB) for one, wanted in enumerate(units)]


def moved(before: Placement, after: Placement) -> Counter[tuple[str, str]]:
    """Units that were somewhere and are there no more."""
    return pairs(before) - pairs(after)


def pairs(placement: Placement) -> Counter[tuple[str, str]]:
    return Counter((model, node) for model, found in placement.items() for node in found)


clusters = st.builds(
    lambda sizes, draining: [
        Node(f"node-{one}", size * GIB, one in draining) for one, size in enumerate(sizes)
    ],
    st.lists(st.integers(1, 6), min_size=1, max_size=7),
    st.sets(st.integers(0, 6), max_size=2),
)
wanted = st.lists(
    st.builds(lambda units, gib: (units, gib * GIB), st.integers(1, 4), st.integers(1, 2)),
    min_size=1,
    max_size=10,
).map(
    lambda drawn: [
        ModelUnits(f"model-{one}", units, size) for one, (units, size) in enumerate(drawn)
    ]
)


@given(wanted, clusters)
def test_the_same_records_give_the_same_placement(
    models: list[ModelUnits], nodes: list[Node]
) -> None:
    found = place(models, nodes, {})
    assert place(models[::-1], nodes[::-1], {}) == found
    assert place(models, nodes, found) == found


@given(wanted, clusters, st.data())
@settings(max_examples=200)
def test_a_lost_node_moves_only_its_units(
    models: list[ModelUnits], nodes: list[Node], data: st.DataObject
) -> None:
    before = place(models, nodes, {})
    lost = data.draw(st.sampled_from(nodes)).name
    after = place(models, [node for node in nodes if node.name != lost], before)
    assert {node for _, node in moved(before, after)} <= {lost}


@given(wanted, clusters, st.data())
@settings(max_examples=200)
def test_any_course_of_events_keeps_the_rules(
    models: list[ModelUnits], nodes: list[Node], data: st.DataObject
) -> None:
    """Nodes are lost, drained and added, models resized, with little memory."""
    placement: Placement = {}
    for _ in range(data.draw(st.integers(1, 5))):
        before = placement
        placement = place(models, nodes, before)
        check_memory(before, placement, models, nodes)
        check_spread(before, placement, nodes)
        check_left_out(placement, models, nodes)
        nodes, models = data.draw(clusters), data.draw(wanted)


def check_memory(
    before: Placement, after: Placement, models: list[ModelUnits], nodes: list[Node]
) -> None:
    """A node that got a unit has the memory for all of its units."""
    size = {model.name: model.unit_bytes for model in models}
    memory = {node.name: node.memory_bytes for node in nodes}
    assert {node for _, node in pairs(after)} <= memory.keys()
    for node in {node for _, node in moved(after, before)}:
        assert used(after, size, node) <= memory[node]


def used(placement: Placement, size: Mapping[str, int], node: str) -> int:
    return sum(size[model] * found.count(node) for model, found in placement.items())


def check_spread(before: Placement, after: Placement, nodes: list[Node]) -> None:
    """No model gets a second unit on its only node while there is another node."""
    open_nodes = {node.name for node in nodes if not node.is_draining}
    for model, found in after.items():
        on_open = [name for name in found if name in open_nodes]
        if len(on_open) > 1 and len(set(on_open)) == 1 and len(open_nodes) > 1:
            assert Counter(on_open) <= Counter(before.get(model, ()))


def check_left_out(placement: Placement, models: list[ModelUnits], nodes: list[Node]) -> None:
    """A model without any unit has room nowhere."""
    size = {model.name: model.unit_bytes for model in models}
    for model in models:
        if not placement[model.name]:
            for node in nodes:
                free = node.memory_bytes - used(placement, size, node.name)
                assert node.is_draining or free < model.unit_bytes


def test_two_units_are_on_two_nodes() -> None:
    placement = place(models_of(2, 2, 3), nodes_of(3), {})
    assert [len(set(found)) for found in placement.values()] == [2, 2, 3]


def test_a_second_unit_without_another_node_with_room_is_left_out() -> None:
    full = Node("full", GIB // 2)
    assert place(models_of(2), [Node("wide", 8 * GIB), full], {}) == {"model-0": ("wide",)}


def test_one_node_takes_all_units() -> None:
    assert place(models_of(3), nodes_of(1), {}) == {"model-0": ("node-0",) * 3}


def test_a_second_node_takes_one_of_two_units() -> None:
    alone = place(models_of(2), nodes_of(1), {})
    assert place(models_of(2), nodes_of(2), alone) == {"model-0": ("node-0", "node-1")}


def test_first_units_come_before_second_ones() -> None:
    placement = place(models_of(2, 2, 1), nodes_of(3, memory=1), {})
    assert [len(found) for found in placement.values()] == [1, 1, 1]


def test_a_drained_node_gives_its_units_away() -> None:
    before = place(models_of(1, 1, 1, 1), nodes_of(2), {})
    after = place(models_of(1, 1, 1, 1), nodes_of(2, draining=(0,)), before)
    assert set(pairs(after).keys()) == {(model.name, "node-1") for model in models_of(1, 1, 1, 1)}


def test_a_unit_stays_on_a_drained_node_until_there_is_room() -> None:
    draining = Node("old", 8 * GIB, is_draining=True)
    before = {"model-0": ("old",)}
    assert place(models_of(1), [draining, Node("small", 1)], before) == before
    assert place(models_of(1), [draining, Node("new", GIB)], before) == {"model-0": ("new",)}


def test_fewer_units_leave_the_fullest_node() -> None:
    before = {"model-0": ("node-0", "node-0", "node-1")}
    assert place(models_of(2), nodes_of(2), before) == {"model-0": ("node-0", "node-1")}


def test_a_node_on_which_a_model_did_not_start_is_avoided() -> None:
    model = ModelUnits("model", 1, GIB, frozenset({"node-0", "node-2"}))
    assert place([model], nodes_of(3), {}) == {"model": ("node-1",)}


def test_two_units_share_the_only_node_on_which_their_model_starts() -> None:
    model = ModelUnits("model", 2, GIB, frozenset({"node-0"}))
    assert place([model], nodes_of(2), {}) == {"model": ("node-1", "node-1")}


@pytest.mark.parametrize("fresh", [True, False])
def test_load_is_shared_by_memory(fresh: bool) -> None:
    nodes = [*nodes_of(10, memory=64), Node("large", 128 * GIB)]
    models = models_of(*[2] * 200)
    before: Placement = {} if fresh else place(models[:100], nodes[:5], {})
    held = Counter(node for found in place(models, nodes, before).values() for node in found)
    mean = 400 / (10 + 2)
    assert held["large"] <= 2 * 1.3 * mean
    assert all(held[node.name] <= (1.3 if fresh else 1.6) * mean for node in nodes[:10])
