"""Queueing with a clock and units made of strings."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import ExitStack
from threading import Thread

import pytest
from tests.serving.machine import EventLoop

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


def acquired(router: Router[str]) -> str:
    """A unit that is free; raises NoFreeUnitError."""
    return asyncio.run(router.acquire(0))


async def queued(router: Router[str], *, first: bool = False) -> asyncio.Task[str]:
    """A request that waits for a unit."""
    waiting = len(router._waiters)
    task = asyncio.create_task(router.acquire(60, first=first))
    while len(router._waiters) == waiting:
        await asyncio.sleep(0)
    return task


@pytest.mark.parametrize("slots", [1, 2])
@pytest.mark.parametrize(
    ("served_at_once", "seconds", "expected"),
    [(2, 0.5, 10), (2, 3.0, 3), (2, 0.001, 66), (4, 0.5, 20)],
)
def test_as_many_are_let_in_as_can_be_served_within_two_seconds(
    served_at_once: int, slots: int, seconds: float, expected: int
) -> None:
    router: Router[str] = Router()
    for number in range(served_at_once // slots):
        router.add(f"unit {number}", slots)
    for _ in range(200):
        router.release(acquired(router), seconds)
    with ExitStack() as stay:
        assert admit(router, 100, stay) == expected


def test_until_a_prediction_was_timed_the_unit_s_own_measurement_counts() -> None:
    router: Router[str] = Router()
    router.add("unit", 1, 0, 1.0)
    with ExitStack() as stay:
        assert admit(router, 50, stay) == 3
    for _ in range(200):
        router.release(acquired(router), 0.49)
    with ExitStack() as stay:
        assert admit(router, 50, stay) == 5


def test_a_queue_that_shrinks_lets_in_again() -> None:
    router: Router[str] = Router()
    router.add("unit")
    for _ in range(200):
        router.release(acquired(router), 1.0)
    with ExitStack() as stay:
        assert admit(router, 50, stay) == 3
        assert admit(router, 50, stay) == 0
    with ExitStack() as stay:
        assert admit(router, 50, stay) == 3


async def order_of(router: Router[str], *tasks: asyncio.Task[str]) -> list[int]:
    """Who is served when, if each gives the unit back at once."""
    served: list[int] = []

    async def serve(number: int, task: asyncio.Task[str]) -> None:
        unit = await task
        served.append(number)
        router.release(unit, 0.01)

    await asyncio.gather(*(serve(*each) for each in enumerate(tasks)))
    return served


def test_units_are_handed_on_in_the_order_of_asking(event_loop: EventLoop) -> None:
    async def ask() -> list[int]:
        router: Router[str] = Router()
        router.add("unit")
        unit = await router.acquire(0)
        tasks = [await queued(router) for _ in range(5)]
        router.release(unit, 0.01)
        return await order_of(router, *tasks)

    assert event_loop.run(ask()) == [0, 1, 2, 3, 4]


def test_a_repeated_request_goes_first(event_loop: EventLoop) -> None:
    async def ask() -> list[int]:
        router: Router[str] = Router()
        router.add("unit")
        unit = await router.acquire(0)
        new, repeated = await queued(router), await queued(router, first=True)
        router.release(unit, 0.01)
        return await order_of(router, new, repeated)

    assert event_loop.run(ask()) == [1, 0]


def test_waiting_ends_when_no_unit_comes() -> None:
    router: Router[str] = Router()
    with pytest.raises(NoFreeUnitError):
        asyncio.run(router.acquire(0.01))
    router.add("unit")
    assert acquired(router) == "unit"


def in_another_thread(work: Callable[[], None]) -> None:
    thread = Thread(target=work)
    thread.start()
    thread.join()


def test_a_unit_that_comes_serves_who_waits(event_loop: EventLoop) -> None:
    async def ask() -> str:
        router: Router[str] = Router()
        waiting = await queued(router)
        in_another_thread(lambda: router.add("unit"))
        return await waiting

    assert event_loop.run(ask()) == "unit"


def test_who_gives_up_waiting_takes_no_unit_along(event_loop: EventLoop) -> None:
    async def ask() -> str:
        router: Router[str] = Router()
        router.add("unit")
        unit = await router.acquire(0)
        early, late = await queued(router), await queued(router)
        early.cancel()
        await asyncio.wait([early])
        router.release(unit, 0.01)  # called, and gone before it hears of it
        late.cancel()
        await asyncio.wait([late])
        return await router.acquire(0)

    assert event_loop.run(ask()) == "unit"


def test_a_withdrawn_unit_is_not_handed_on() -> None:
    router: Router[str] = Router()
    router.add("free")
    router.withdraw("free")
    router.withdraw("free")
    router.add("busy")
    unit = acquired(router)
    router.withdraw(unit)
    router.release(unit, 0.01)
    assert router.in_service == 0
    with pytest.raises(NoFreeUnitError):
        acquired(router)


def test_only_an_idle_unit_can_be_withdrawn_for_being_idle() -> None:
    router: Router[str] = Router()
    router.add("unit")
    acquired(router)
    assert router.withdraw_idle() is None
    router.release("unit", 0.01)
    assert router.withdraw_idle() == "unit"


def test_a_unit_with_slots_takes_as_many_requests() -> None:
    router: Router[str] = Router()
    router.add("unit", 3)
    assert [acquired(router) for _ in range(3)] == ["unit"] * 3
    with pytest.raises(NoFreeUnitError):
        acquired(router)
    router.release("unit", 0.01)
    assert acquired(router) == "unit"
    assert router.in_service == 1


def test_the_unit_with_the_least_to_do_is_next_and_of_equals_the_warmest() -> None:
    router: Router[str] = Router()
    router.add("small", 1)
    router.add("large", 3)
    router.add("other", 3)
    assert [acquired(router) for _ in range(7)] == [
        *("other", "large", "other", "large"),
        *("other", "large", "small"),
    ]
    for unit in ("small", "other", "large"):
        router.release(unit, 0.01)
    assert acquired(router) == "large"


def test_a_unit_with_one_busy_place_is_not_idle() -> None:
    router: Router[str] = Router()
    router.add("unit", 2)
    acquired(router)
    assert router.withdraw_idle() is None
    router.release("unit", 0.01)
    assert router.withdraw_idle() == "unit"
    router.release("unit", 0.01)
    with pytest.raises(NoFreeUnitError):
        acquired(router)


def test_what_waits_in_a_unit_goes_where_least_waits() -> None:
    router: Router[str] = Router()
    router.add("small", 1, prefetch=1)
    router.add("large", 3, prefetch=3)
    assert [acquired(router) for _ in range(8)] == [
        *("large", "large", "large", "small"),  # looked at
        *("large", "small", "large", "large"),  # next
    ]
    with pytest.raises(NoFreeUnitError):
        acquired(router)


def test_room_to_wait_is_no_capacity() -> None:
    routers: list[Router[str]] = [Router(), Router()]
    for router, prefetch in zip(routers, (0, 2), strict=True):
        router.add("unit", 2, prefetch)
        for _ in range(200):
            router.release(acquired(router), 0.5)
    with ExitStack() as stay:
        assert [admit(router, 100, stay) for router in routers] == [10, 10]


def test_a_closed_router_serves_only_those_inside() -> None:
    router: Router[str] = Router()
    router.add("unit")
    with router.admission():
        router.close()
        assert router.requests == 1
        router.release(acquired(router), 0.01)
        with pytest.raises(ResourceNotReadyException), router.admission():
            pass
    assert router.requests == 0


def test_who_waits_for_nothing_is_told_so(event_loop: EventLoop) -> None:
    async def ask() -> None:
        router: Router[str] = Router()
        waiting = await queued(router)
        in_another_thread(router.abandon)
        with pytest.raises(InternalServerError):
            await waiting

    event_loop.run(ask())


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
        assert (router.requests, router.active) == (1, 0)
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


def test_many_requests_lose_no_unit(event_loop: EventLoop) -> None:
    router: Router[str] = Router()
    units = [f"unit {number}" for number in range(3)]
    in_use: set[str] = set()
    draw = random.Random(0)

    async def work() -> None:
        try:
            async with asyncio.timeout(draw.choice([0.01, 60])):  # some give up
                unit = await router.acquire(60)
        except TimeoutError:
            return
        assert unit not in in_use
        in_use.add(unit)
        await asyncio.sleep(0)
        in_use.remove(unit)
        in_a_thread = draw.random() < 0.1
        (in_another_thread if in_a_thread else call)(lambda: router.release(unit, 0.0))

    async def all_work() -> set[str]:
        requests = [asyncio.create_task(work()) for _ in range(2000)]
        for unit in units:
            in_another_thread(lambda unit=unit: router.add(unit))  # type: ignore[misc]
        await asyncio.gather(*requests)
        return {await router.acquire(0) for _ in units}

    assert event_loop.run(all_work()) == set(units)


def call(work: Callable[[], None]) -> None:
    work()
