"""The leader's side of a unit, with stand-ins for Ray's handles and answers."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest

from lensmith.ray_cluster.actors import NamedActors, RayNode, Resources
from lensmith.ray_cluster.connection import Session
from lensmith.serving.ray.followed_unit import FollowedUnit
from lensmith.serving.ray.order import UnitOrder, UnitReport
from lensmith.serving.start_failures import StartFailures
from lensmith.serving.unit import ModelAwayError, ModelUnusableError
from lensmith.store.records.placed_units import UnitState


@pytest.fixture
def ray() -> MagicMock:
    return MagicMock(get=MagicMock(return_value=UnitReport()))


def followed(ray: MagicMock, away_seconds: float) -> FollowedUnit:
    """A unit whose actor has answered that it has no order."""
    node = RayNode("a" * 56, "10.0.0.1", {}, is_alive=True)
    actors = NamedActors(Session(1, ray), "here", object)
    resources = Resources(cpus=1, gpus=0, memory_bytes=1)
    unit = FollowedUnit(actors, "unit-1", node, resources, StartFailures(away_seconds))
    unit.keep("digest", MagicMock())
    unit.take(unit.calls[0])
    return unit


def test_what_an_order_needs_is_waited_for_and_said_once(
    ray: MagicMock, order: UnitOrder, caplog: pytest.LogCaptureFixture
) -> None:
    unit = followed(ray, away_seconds=0)
    away = ModelAwayError("no S3")
    made = MagicMock(side_effect=[away, away, away, order, ModelUnusableError("damaged")])
    for _ in range(3):
        unit.keep("digest", made)
    assert (unit.state, unit.reason) == (UnitState.WANTED, None)
    assert caplog.messages == ["A unit cannot be started yet: no S3"]
    unit.keep("digest", made)
    unit.actor.supply.remote.assert_called_once_with(order)
    unit.keep("digest", made)
    assert made.call_count == 4  # the actor has it
    unit.keep("another", made)
    assert (unit.state, unit.reason) == (UnitState.FAILED, "damaged")


def test_an_order_is_tried_again_after_a_pause(ray: MagicMock) -> None:
    unit = followed(ray, away_seconds=600)
    made = MagicMock(side_effect=ModelAwayError("no S3"))
    for _ in range(3):
        unit.keep("digest", made)
    assert made.call_count == 1
