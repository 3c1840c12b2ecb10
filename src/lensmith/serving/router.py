"""Assigns the units of one model to requests; refuses requests that would wait too long."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from lensmith.domain.errors import (
    InternalServerError,
    LensmithError,
    ProvisionedThroughputExceededException,
    ResourceNotReadyException,
)
from lensmith.serving.time_average import TimeAverage
from lensmith.serving.waiter import Waiter
from lensmith.serving.waiting_room import WaitingRoom

U = TypeVar("U")

MAX_WAIT_SECONDS = 2.0
"""A request that is expected to wait longer is refused at once."""

MAX_WAITING = 64
"""Limit of waiting requests of one model: each holds its image in memory."""

_FIRST_GUESS_SECONDS = 0.05  # of one prediction, until a unit has measured its network
_SMOOTHING = 0.1


class NoFreeUnitError(LensmithError):
    """No unit became free while the request waited."""


@dataclass(slots=True)
class _UnitSlots:
    """Capacity of one unit (working, queued) and the requests it has."""

    slots: int
    prefetch: int
    taken: int = 0

    @property
    def is_full(self) -> bool:
        return self.taken >= self.slots + self.prefetch

    @property
    def free_slots(self) -> int:
        """Negative by the number of requests queued in the unit."""
        return self.slots - self.taken


class Router(Generic[U]):
    """The units of one model and the requests that wait for them. Thread-safe.

    Only `acquire` needs an event loop.
    """

    def __init__(
        self, waiting_room: WaitingRoom | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Build the router; `waiting_room` is shared by all models."""
        self._waiting_room = waiting_room or WaitingRoom()
        self._seats = 0  # taken in it
        self._clock = clock
        self._lock = threading.Lock()
        self._in_service: dict[U, _UnitSlots] = {}  # in order of release
        self._waiters: deque[Waiter[U]] = deque()
        self._capacity = 0  # slots of all units
        self._present = 0  # requests admitted and not answered
        self._active = 0  # those of them that wait for a unit or have one
        self._service_seconds = _FIRST_GUESS_SECONDS
        self._closed = False
        self._demand = TimeAverage(clock())

    @contextmanager
    def admission(self) -> Iterator[None]:
        """Admit one request until the block ends, retries included.

        Raises ProvisionedThroughputExceededException if too many are ahead of it, and
        ResourceNotReadyException once the router is closed.
        """
        with self._lock:
            if self._closed:
                raise ResourceNotReadyException
            if self._is_full():
                raise ProvisionedThroughputExceededException
            self._count_present(+1)
        try:
            yield
        finally:
            with self._lock:
                self._count_present(-1)

    @contextmanager
    def demand(self) -> Iterator[None]:
        """Count an admitted request as demand: its image is there and it needs a unit."""
        with self._lock:
            self._count(+1)
        try:
            yield
        finally:
            with self._lock:
                self._count(-1)

    async def acquire(self, seconds: float, *, first: bool = False) -> U:
        """Wait up to `seconds` for a unit, at the head of the queue if `first`.

        Raises NoFreeUnitError after that time, InternalServerError after `abandon`.
        """
        with self._lock:
            unit = self._take_least_busy()
            if unit is not None:
                return unit
            loop = asyncio.get_running_loop()
            waiter: Waiter[U] = Waiter(loop.create_future())
            if first:
                self._waiters.appendleft(waiter)
            else:
                self._waiters.append(waiter)
        timer = loop.call_later(seconds, waiter.resolve)
        try:
            await waiter.woken
        except BaseException:
            self._cancel(waiter)
            raise
        finally:
            timer.cancel()
        return self._result_of(waiter)

    def release(self, unit: U, seconds: float) -> None:
        """Give a unit back after a prediction that took `seconds`."""
        with self._lock:
            self._service_seconds += _SMOOTHING * (seconds - self._service_seconds)
            self._take_back(unit)

    def give_back(self, unit: U) -> None:
        """Give a unit back that made no prediction."""
        with self._lock:
            self._take_back(unit)

    @property
    def service_seconds(self) -> float:
        """Average of the last predictions."""
        return self._service_seconds

    def add(self, unit: U, slots: int = 1, prefetch: int = 0, seconds: float = 0.0) -> None:
        """Put a unit into service that works on `slots` requests and queues `prefetch` more.

        `seconds` are its own measurement of a prediction, which counts until one was made.
        """
        with self._lock:
            if seconds and self._service_seconds == _FIRST_GUESS_SECONDS:
                self._service_seconds = seconds
            self._in_service[unit] = _UnitSlots(slots, prefetch)
            self._resize(slots)
            self._wake_waiters()

    def withdraw(self, unit: U) -> None:
        """Remove a unit from service. Idempotent."""
        with self._lock:
            self._remove(unit)

    def withdraw_idle(self) -> U | None:
        """Remove an unused unit from service and return it; None if all are in use."""
        with self._lock:
            idle = (unit for unit, held in self._in_service.items() if not held.taken)
            coldest = next(idle, None)
            if coldest is not None:
                self._remove(coldest)
            return coldest

    def close(self) -> None:
        """Refuse new requests; admitted ones are still served."""
        with self._lock:
            self._closed = True

    def abandon(self) -> None:
        """Fail all waiting requests with InternalServerError."""
        with self._lock:
            while self._waiters:
                self._waiters.popleft().wake(None)

    @property
    def in_service(self) -> int:
        with self._lock:
            return len(self._in_service)

    @property
    def units(self) -> list[U]:
        """The units in service."""
        with self._lock:
            return list(self._in_service)

    @property
    def requests(self) -> int:
        """Number of admitted requests, including those whose image is still on its way."""
        with self._lock:
            return self._present

    @property
    def active(self) -> int:
        """Number of requests that wait for a unit or have one."""
        with self._lock:
            return self._active

    def take_demand(self) -> float:
        """Return the mean of `active` since the last call."""
        with self._lock:
            return self._demand.take(self._clock(), self._active)

    def _is_full(self) -> bool:
        slots = max(self._capacity, 1)
        ahead = max(self._present - slots + 1, 0)
        return (
            ahead > min(MAX_WAITING, self._waiting_room.free)
            or ahead * self._service_seconds / slots > MAX_WAIT_SECONDS
        )

    def _count_present(self, change: int) -> None:
        self._present += change
        self._update_seats()

    def _resize(self, change: int) -> None:
        self._capacity += change
        self._update_seats()

    def _update_seats(self) -> None:
        seats = max(self._present - self._capacity, 0)
        if seats != self._seats:
            self._waiting_room.take(seats - self._seats)
            self._seats = seats

    def _count(self, change: int) -> None:
        self._demand.add(self._clock(), self._active)
        self._active += change

    def _take_least_busy(self) -> U | None:
        """Take a slot of the unit with the most free ones; of equals, the last released."""
        free = [unit for unit, held in self._in_service.items() if not held.is_full]
        if not free:
            return None
        unit = max(reversed(free), key=lambda each: self._in_service[each].free_slots)
        self._in_service[unit].taken += 1
        return unit

    def _take_back(self, unit: U) -> None:
        unit_slots = self._in_service.pop(unit, None)
        if unit_slots is None:
            return
        unit_slots.taken -= 1
        self._in_service[unit] = unit_slots
        self._wake_waiters()

    def _wake_waiters(self) -> None:
        while self._waiters and (unit := self._take_least_busy()) is not None:
            self._waiters.popleft().wake(unit)

    def _remove(self, unit: U) -> None:
        unit_slots = self._in_service.pop(unit, None)
        if unit_slots is not None:
            self._resize(-unit_slots.slots)

    def _result_of(self, waiter: Waiter[U]) -> U:
        with self._lock:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
                raise NoFreeUnitError
        if waiter.unit is None:
            raise InternalServerError
        return waiter.unit

    def _cancel(self, waiter: Waiter[U]) -> None:
        with self._lock:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            elif waiter.unit is not None:
                self._take_back(waiter.unit)
