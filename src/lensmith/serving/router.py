"""Who gets which unit of one model, and who is refused because it would take too long."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from lensmith.domain.errors import (
    InternalServerError,
    LensmithError,
    ProvisionedThroughputExceededException,
    ResourceNotReadyException,
)
from lensmith.serving.waiting_room import WaitingRoom

U = TypeVar("U")

PATIENCE_SECONDS = 2.0
"""A request that is expected to wait longer is refused at once."""

MOST_WAITING = 64
"""More requests than these never wait for one model: each holds a thread and its image."""

_FIRST_GUESS_SECONDS = 0.05  # of looking at one image, until there is a measurement
_SMOOTHING = 0.1


class NoFreeUnitError(LensmithError):
    """No unit became free while the request waited."""


class Router(Generic[U]):
    """The units of one model and the requests that wait for them; safe to share by threads."""

    def __init__(
        self, room: WaitingRoom | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`room` is what all models share."""
        self._room = room or WaitingRoom()
        self._seats = 0  # taken in it
        self._clock = clock
        self._lock = threading.Lock()
        self._places: dict[U, int] = {}  # of each unit in service: requests that it takes at once
        self._free: list[U] = []  # a unit as often as it has free places, the warmest last
        self._waiting: deque[SimpleQueue[U | None]] = deque()  # None: there will be no unit
        self._capacity = 0  # places of all units
        self._present = 0  # requests admitted and not yet answered
        self._asking = 0  # those of them that want a unit, or have one
        self._service_seconds = _FIRST_GUESS_SECONDS
        self._closed = False
        self._demand = _TimeAverage(clock())

    @contextmanager
    def admission(self) -> Iterator[None]:
        """The stay of one request, retries included.

        Raises ProvisionedThroughputExceededException when too many are ahead of it, and
        ResourceNotReadyException once the router is closed.
        """
        with self._lock:
            if self._closed:
                raise ResourceNotReadyException
            if self._is_full():
                raise ProvisionedThroughputExceededException
            self._come(+1)
        try:
            yield
        finally:
            with self._lock:
                self._come(-1)

    @contextmanager
    def demand(self) -> Iterator[None]:
        """The part of a stay in which a request wants a unit or has one: its image is there."""
        with self._lock:
            self._count(+1)
        try:
            yield
        finally:
            with self._lock:
                self._count(-1)

    def acquire(self, seconds: float, *, first: bool = False) -> U:
        """Wait for a unit, at the head of the queue when `first`.

        Raises NoFreeUnitError, or InternalServerError when none will ever come.
        """
        with self._lock:
            if self._free:
                return self._least_busy()
            turn: SimpleQueue[U | None] = SimpleQueue()
            if first:
                self._waiting.appendleft(turn)
            else:
                self._waiting.append(turn)
        try:
            unit = turn.get(timeout=seconds)
        except Empty:
            unit = self._leave_queue(turn)
        if unit is None:
            raise InternalServerError
        return unit

    def release(self, unit: U, seconds: float) -> None:
        """Give a unit back after it was busy with a request for `seconds`."""
        with self._lock:
            self._service_seconds += _SMOOTHING * (seconds - self._service_seconds)
        self.give_back(unit)

    def take_free(self, unit: U) -> bool:
        """Take a place of this unit without waiting; False when none is free."""
        with self._lock:
            if unit not in self._free:
                return False
            self._free.remove(unit)
            return True

    def give_back(self, unit: U) -> None:
        """Give a place back that was not taken for a request."""
        with self._lock:
            if unit in self._places:
                self._hand_on(unit)

    def add(self, unit: U, places: int = 1) -> None:
        """A unit came into service that takes so many requests at once."""
        with self._lock:
            self._places[unit] = places
            self._resize(places)
            for _ in range(places):
                self._hand_on(unit)

    def withdraw(self, unit: U) -> None:
        """A unit went out of service; nothing happens when it had gone before."""
        with self._lock:
            self._remove(unit)

    def withdraw_idle(self) -> U | None:
        """Take a unit out of service that nobody uses, if there is one."""
        with self._lock:
            free = Counter(self._free)  # the coldest first
            idle = next((unit for unit in free if free[unit] == self._places[unit]), None)
            if idle is not None:
                self._remove(idle)
            return idle

    def close(self) -> None:
        """Admit nobody any more; those inside are still served."""
        with self._lock:
            self._closed = True

    def abandon(self) -> None:
        """No unit will come: everyone who waits gets InternalServerError."""
        with self._lock:
            while self._waiting:
                self._waiting.popleft().put(None)

    @property
    def in_service(self) -> int:
        with self._lock:
            return len(self._places)

    @property
    def units(self) -> list[U]:
        """Those in service."""
        with self._lock:
            return list(self._places)

    @property
    def requests(self) -> int:
        """Requests inside, those included whose image is still on its way."""
        with self._lock:
            return self._present

    @property
    def asking(self) -> int:
        """Requests being served or waiting for a unit."""
        with self._lock:
            return self._asking

    def take_demand(self) -> float:
        """Mean number of requests being served or waiting since the last call."""
        with self._lock:
            return self._demand.take(self._clock(), self._asking)

    def _is_full(self) -> bool:
        places = max(self._capacity, 1)
        ahead = max(self._present - places + 1, 0)
        return (
            ahead > min(MOST_WAITING, self._room.free)
            or ahead * self._service_seconds / places > PATIENCE_SECONDS
        )

    def _come(self, change: int) -> None:
        self._present += change
        self._sit()

    def _resize(self, change: int) -> None:
        self._capacity += change
        self._sit()

    def _sit(self) -> None:
        seats = max(self._present - self._capacity, 0)
        if seats != self._seats:
            self._room.take(seats - self._seats)
            self._seats = seats

    def _count(self, change: int) -> None:
        self._demand.add(self._clock(), self._asking)
        self._asking += change

    def _least_busy(self) -> U:
        free = Counter(self._free)
        unit = max(reversed(self._free), key=free.__getitem__)
        self._free.remove(unit)
        return unit

    def _remove(self, unit: U) -> None:
        self._resize(-self._places.pop(unit, 0))
        self._free = [other for other in self._free if other != unit]

    def _hand_on(self, unit: U) -> None:
        if self._waiting:
            self._waiting.popleft().put(unit)
        else:
            self._free.append(unit)

    def _leave_queue(self, turn: SimpleQueue[U | None]) -> U | None:
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                raise NoFreeUnitError
        return turn.get()  # a unit came in the last moment


class _TimeAverage:
    """Average of a step function over the time since it was last taken."""

    def __init__(self, now: float) -> None:
        self._since = self._changed = now
        self._area = 0.0

    def add(self, now: float, value: float) -> None:
        """The function had `value` since the last change."""
        self._area += value * (now - self._changed)
        self._changed = now

    def take(self, now: float, value: float) -> float:
        self.add(now, value)
        seconds = now - self._since
        average = self._area / seconds if seconds > 0 else value
        self._since, self._area = now, 0.0
        return average
