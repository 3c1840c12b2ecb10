"""Queueing with a clock and units made of strings."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import pytest
from tests.serving.machine import until

from lensmith.domain.errors import (
    InternalServerError,
    ProvisionedThroughputExceededException,
    ResourceNotReadyException,
)
from lensmith.serving.router import NoFreeUnitError, Router
from lensmith.serving.waiting_room import WaitingRoom


def admit(router: Router[str], count: int, stay: ExitStack) -> int:
    """How many of so many requests are let in; they stay as long as `stay`."""
    admitted = 0
    for _ in range(count):
        try:
            stay.enter_context(router.admission())
        except ProvisionedThroughputExceededException:
            continue
        admitted += 1
    return admitted


@pytest.mark.parametrize("places", [1, 2])
@pytest.mark.parametrize(
    ("served_at_once", "seconds", "expected"),
    [(2, 0.5, 10), (2, 3.0, 3), (2, 0.001, 66), (4, 0.5, 20)],
)
def test_as_many_are_let_in_as_can_be_served_within_two_seconds(
    served_at_once: int, places: int, seconds: float, expected: int
) -> None:
    router: Router[str] = Router()
    for number in range(served_at_once // places):
        router.add(f"unit {number}", places)
    for _ in range(200):
        router.release(router.acquire(1), seconds)
    with ExitStack() as stay:
        assert admit(router, 100, stay) == expected


def test_a_queue_that_shrinks_lets_in_again() -> None:
    router: Router[str] = Router()
    router.add("unit")
    for _ in range(200):
        router.release(router.acquire(1), 1.0)
    with ExitStack() as stay:
        assert admit(router, 50, stay) == 3
        assert admit(router, 50, stay) == 0
    with ExitStack() as stay:
        assert admit(router, 50, stay) == 3


def test_units_are_handed_on_in_the_order_of_asking() -> None:
    router: Router[str] = Router()
    router.add("unit")
    unit = router.acquire(1)
    served: list[int] = []

    def ask(number: int) -> None:
        taken = router.acquire(10)
        served.append(number)
        router.release(taken, 0.01)

    def queued(number: int) -> bool:
        return len(router._waiting) == number

    with ThreadPoolExecutor(5) as clients:
        for number in range(5):
            clients.submit(ask, number)
            until(partial(queued, number + 1))
        router.release(unit, 0.01)
    assert served == [0, 1, 2, 3, 4]


def test_a_repeated_request_goes_first() -> None:
    router: Router[str] = Router()
    router.add("unit")
    unit = router.acquire(1)
    served: list[str] = []

    def ask(name: str, first: bool) -> None:
        taken = router.acquire(10, first=first)
        served.append(name)
        router.release(taken, 0.01)

    with ThreadPoolExecutor(2) as clients:
        clients.submit(ask, "new", False)
        until(lambda: len(router._waiting) == 1)
        clients.submit(ask, "repeated", True)
        until(lambda: len(router._waiting) == 2)
        router.release(unit, 0.01)
    assert served == ["repeated", "new"]


def test_waiting_ends_when_no_unit_comes() -> None:
    router: Router[str] = Router()
    with pytest.raises(NoFreeUnitError):
        router.acquire(0.01)
    router.add("unit")
    assert router.acquire(0) == "unit"


def test_a_unit_that_comes_serves_who_waits() -> None:
    router: Router[str] = Router()
    with ThreadPoolExecutor(1) as clients:
        waiting = clients.submit(router.acquire, 10)
        until(lambda: len(router._waiting) == 1)
        router.add("unit")
        assert waiting.result() == "unit"


def test_a_withdrawn_unit_is_not_handed_on() -> None:
    router: Router[str] = Router()
    router.add("free")
    router.withdraw("free")
    router.withdraw("free")
    router.add("busy")
    unit = router.acquire(1)
    router.withdraw(unit)
    router.release(unit, 0.01)
    assert router.in_service == 0
    with pytest.raises(NoFreeUnitError):
        router.acquire(0)


def test_only_an_idle_unit_can_be_withdrawn_for_being_idle() -> None:
    router: Router[str] = Router()
    router.add("unit")
    router.acquire(1)
    assert router.withdraw_idle() is None
    router.release("unit", 0.01)
    assert router.withdraw_idle() == "unit"


def test_a_unit_with_places_takes_as_many_requests() -> None:
    router: Router[str] = Router()
    router.add("unit", 3)
    assert [router.acquire(0) for _ in range(3)] == ["unit"] * 3
    with pytest.raises(NoFreeUnitError):
        router.acquire(0)
    router.release("unit", 0.01)
    assert router.acquire(0) == "unit"
    assert router.in_service == 1


def test_the_unit_with_the_least_to_do_is_next_and_of_equals_the_warmest() -> None:
    router: Router[str] = Router()
    router.add("small", 1)
    router.add("large", 3)
    router.add("other", 3)
    assert [router.acquire(0) for _ in range(7)] == [
        *("other", "large", "other", "large"),
        *("other", "large", "small"),
    ]
    for unit in ("small", "other", "large"):
        router.release(unit, 0.01)
    assert router.acquire(0) == "large"


def test_a_unit_with_one_busy_place_is_not_idle() -> None:
    router: Router[str] = Router()
    router.add("unit", 2)
    router.acquire(0)
    assert router.withdraw_idle() is None
    router.release("unit", 0.01)
    assert router.withdraw_idle() == "unit"
    router.release("unit", 0.01)
    with pytest.raises(NoFreeUnitError):
        router.acquire(0)


def test_a_closed_router_serves_only_those_inside() -> None:
    router: Router[str] = Router()
    router.add("unit")
    with router.admission():
        router.close()
        assert router.requests == 1
        router.release(router.acquire(1), 0.01)
        with pytest.raises(ResourceNotReadyException), router.admission():
            pass
    assert router.requests == 0


def test_who_waits_for_nothing_is_told_so() -> None:
    router: Router[str] = Router()
    with ThreadPoolExecutor(1) as clients:
        waiting = clients.submit(router.acquire, 10)
        until(lambda: len(router._waiting) == 1)
        router.abandon()
        with pytest.raises(InternalServerError):
            waiting.result()


def test_demand_is_the_mean_number_that_want_a_unit() -> None:
    time = 0.0
    router: Router[str] = Router(clock=lambda: time)
    with router.demand():
        time = 1.0
        with router.demand(), router.admission():
            time = 2.0
    time = 4.0
    assert router.take_demand() == pytest.approx((1 * 1 + 1 * 2 + 2 * 0) / 4)
    with router.admission():  # its image is still on its way
        time = 6.0
        assert (router.requests, router.asking) == (1, 0)
    assert router.take_demand() == 0


def test_flooded_models_leave_seats_to_the_others() -> None:
    room = WaitingRoom(seats=100)
    flooded = [Router[str](room) for _ in range(4)]
    with ExitStack() as stay:
        for router in flooded:
            router.add("unit")
        waiting = [admit(router, 200, stay) - 1 for router in flooded]
        assert waiting == [40, 30, 15, 8]  # 40: two seconds of waiting; then half of what is left
        assert room.free == 100 - sum(waiting)
        other: Router[str] = Router(room)
        other.add("unit")
        with ExitStack() as alone:
            assert admit(other, 2, alone) == 2
    assert room.free == 100


def test_seats_follow_the_units() -> None:
    room = WaitingRoom()
    router: Router[str] = Router(room)
    router.add("small")
    with ExitStack() as stay:
        admit(router, 5, stay)
        free = room.free
        router.add("large", 3)
        assert room.free == free + 3
        router.withdraw("small")
        router.withdraw("small")
        assert room.free == free + 2
    assert room.free == WaitingRoom().free


def test_a_place_taken_for_something_else_is_no_request() -> None:
    router: Router[str] = Router()
    router.add("unit")
    assert router.take_free("unit")
    assert not router.take_free("unit")
    assert (router.requests, router.asking) == (0, 0)
    with ThreadPoolExecutor(1) as clients:
        waiting = clients.submit(router.acquire, 10)
        until(lambda: len(router._waiting) == 1)
        router.give_back("unit")
        assert waiting.result() == "unit"
    router.withdraw("unit")
    router.give_back("unit")
    assert not router.take_free("unit")


def test_many_threads_lose_no_unit() -> None:
    router: Router[str] = Router()
    units = {f"unit {number}" for number in range(3)}
    in_use: set[str] = set()
    guard = threading.Lock()
    for unit in units:
        router.add(unit)

    def work(_: int) -> None:
        unit = router.acquire(30)
        with guard:
            assert unit not in in_use
            in_use.add(unit)
        with guard:
            in_use.remove(unit)
        router.release(unit, 0.0)

    with ThreadPoolExecutor(16) as clients:
        list(clients.map(work, range(2000)))
    assert {router.acquire(0) for _ in units} == units
