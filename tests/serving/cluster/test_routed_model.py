from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from lensmith.domain.errors import InternalServerError
from lensmith.domain.precision import Served
from lensmith.serving.cluster.routed_model import RoutedModel
from lensmith.serving.image_slot import UnitLostError
from lensmith.serving.timeouts import Timeouts
from lensmith.serving.unit import UnitReply
from lensmith.serving.waiting_room import WaitingRoom


@dataclass(eq=False)
class SilentUnit:
    """A unit that is never asked."""

    slots: int = 1
    prefetch: int = 1
    served: Served | None = None
    seconds: float = 0.0
    is_killed: bool = False

    async def predict(self, image: bytes, seconds: float) -> UnitReply:
        raise NotImplementedError

    def lose(self) -> None:
        self.kill()

    def kill(self) -> None:
        self.is_killed = True


def test_a_model_that_ended_lets_a_late_connection_go() -> None:
    model, late = RoutedModel(Timeouts(), WaitingRoom()), SilentUnit()
    model.close()
    model.keep_only(frozenset(), frozenset())
    model.add((1, 4000), late)
    assert late.is_killed
    assert model.keys == set()


def test_a_unit_that_leaves_is_let_go_once_it_is_gone() -> None:
    model, far, own = RoutedModel(Timeouts(), WaitingRoom()), SilentUnit(), SilentUnit()
    model.add((1, 4000), far)
    model.add((2, 4001), own, is_own=True)
    model.keep_only(frozenset(), {(1, 4000), (2, 4001)})
    assert (model.keys, far.is_killed) == (set(), False)
    model.keep_only(frozenset(), frozenset())
    assert (far.is_killed, own.is_killed) == (True, False)


def test_a_unit_of_this_machine_that_starts_again_may_have_its_port_again() -> None:
    model = RoutedModel(Timeouts(), WaitingRoom())
    failing, fresh = FailingUnit(), SilentUnit()
    key = (1, 4000)
    model.add(key, failing, is_own=True)
    with pytest.raises(InternalServerError):
        asyncio.run(_ask(model))
    model.add(key, failing, is_own=True)  # its process has not ended yet
    assert model.keys == set()
    model.add(key, fresh, is_own=True)
    assert model.keys == {key}


def test_a_unit_elsewhere_that_was_lost_and_is_gone_fails_what_it_has() -> None:
    model = RoutedModel(Timeouts(), WaitingRoom())
    first, second, fresh = FailingUnit(), FailingUnit(), SilentUnit()
    key = (1, 4000)
    for failing in (first, second):  # a connection broke, and the one after it
        model.add(key, failing)
        with pytest.raises(InternalServerError):
            asyncio.run(_ask(model))
    model.add(key, fresh)
    model.keep_only({key}, {key})
    assert [unit.is_killed for unit in (first, second, fresh)] == [False, False, False]
    model.keep_only(frozenset(), frozenset())
    assert [unit.is_killed for unit in (first, second, fresh)] == [True, True, True]


@dataclass(eq=False)
class FailingUnit(SilentUnit):
    """A unit that is lost with the first picture; others may go on."""

    async def predict(self, image: bytes, seconds: float) -> UnitReply:
        raise UnitLostError

    def lose(self) -> None:
        pass


async def _ask(model: RoutedModel) -> None:
    with model.admission() as detect:
        asyncio.get_running_loop().call_later(0.01, model.abandon)
        await detect(b"picture")
