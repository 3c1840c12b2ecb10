"""Who gets which unit of one model, and who is refused because it would take too long."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
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
"""More requests than these never wait for one model: each holds its image."""

_FIRST_GUESS_SECONDS = 0.05  # of looking at one image, until there is a measurement
_SMOOTHING = 0.1


class NoFreeUnitError(LensmithError):
    """No unit became free while the request waited."""


@dataclass(slots=True)
class _Room:
    """What one unit takes: as many requests at once as it has places, and some that wait there."""

    places: int
    ahead: int
    taken: int = 0

    @property
    def is_full(self) -> bool:
        return self.taken >= self.places + self.ahead

    @property
    def free_places(self) -> int:
        """Below zero by those that wait in the unit."""
        return self.places - self.taken


@dataclass(slots=True, eq=False)
class _Turn(Generic[U]):
    """One request that waits; it is called by whoever has a unit for it, in any thread."""

    called: asyncio.Future[None]
    unit: U | None = None  # once it was called; None: there will be no unit

    def call(self, unit: U | None) -> None:
        self.unit = unit
        loop = self.called.get_loop()
        if _running_loop() is loop:
            self._wake()
            return
        with suppress(RuntimeError):  # the loop ended, and the request with it
            loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if not self.called.done():
            self.called.set_result(None)


class Router(Generic[U]):
    """The units of one model and the requests that wait for them; safe to share by threads.

    Only `acquire` belongs to an event loop.
    """

    def __init__(
        self, room: WaitingRoom | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`room` is what all models share."""
        self._room = room or WaitingRoom()
        self._seats = 0  # taken in it
        self._clock = clock
        self._lock = threading.Lock()
        self._in_service: dict[U, _Room] = {}  # the unit that was last given back is the last
        self._waiting: deque[_Turn[U]] = deque()
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

    async def acquire(self, seconds: float, *, first: bool = False) -> U:
        """Wait for a unit, at the head of the queue when `first`.

        Raises NoFreeUnitError, or InternalServerError when none will ever come.
        """
        with self._lock:
            unit = self._least_busy()
            if unit is not None:
                return unit
            turn: _Turn[U] = _Turn(asyncio.get_running_loop().create_future())
            if first:
                self._waiting.appendleft(turn)
            else:
                self._waiting.append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn.called
        except TimeoutError:
            pass
        except BaseException:
            self._forgo(turn)
            raise
        return self._given(turn)

    def release(self, unit: U, seconds: float) -> None:
        """Give a unit back after it looked at a request for `seconds`."""
        with self._lock:
            self._service_seconds += _SMOOTHING * (seconds - self._service_seconds)
            self._take_back(unit)

    def add(self, unit: U, places: int = 1, ahead: int = 0) -> None:
        """A unit came into service.

        It looks at `places` requests at once, and takes `ahead` more that wait in it.
        """
        with self._lock:
            self._in_service[unit] = _Room(places, ahead)
            self._resize(places)
            self._call_waiting()

    def withdraw(self, unit: U) -> None:
        """A unit went out of service; nothing happens when it had gone before."""
        with self._lock:
            self._remove(unit)

    def withdraw_idle(self) -> U | None:
        """Take a unit out of service that nobody uses, if there is one."""
        with self._lock:
            idle = (unit for unit, room in self._in_service.items() if not room.taken)
            coldest = next(idle, None)
            if coldest is not None:
                self._remove(coldest)
            return coldest

    def close(self) -> None:
        """Admit nobody any more; those inside are still served."""
        with self._lock:
            self._closed = True

    def abandon(self) -> None:
        """No unit will come: everyone who waits gets InternalServerError."""
        with self._lock:
            while self._waiting:
                self._waiting.popleft().call(None)

    @property
    def in_service(self) -> int:
        with self._lock:
            return len(self._in_service)

    @property
    def units(self) -> list[U]:
        """Those in service."""
        with self._lock:
            return list(self._in_service)

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

    def _least_busy(self) -> U | None:
        """A place at the unit with the most free ones, of equals the warmest."""
        free = [unit for unit, room in self._in_service.items() if not room.is_full]
        if not free:
            return None
        unit = max(reversed(free), key=lambda each: self._in_service[each].free_places)
        self._in_service[unit].taken += 1
        return unit

    def _take_back(self, unit: U) -> None:
        room = self._in_service.pop(unit, None)
        if room is None:
            return
        room.taken -= 1
        self._in_service[unit] = room
        self._call_waiting()

    def _call_waiting(self) -> None:
        while self._waiting and (unit := self._least_busy()) is not None:
            self._waiting.popleft().call(unit)

    def _remove(self, unit: U) -> None:
        room = self._in_service.pop(unit, None)
        if room is not None:
            self._resize(-room.places)

    def _given(self, turn: _Turn[U]) -> U:
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                raise NoFreeUnitError
        if turn.unit is None:
            raise InternalServerError
        return turn.unit

    def _forgo(self, turn: _Turn[U]) -> None:
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif turn.unit is not None:
                self._take_back(turn.unit)


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


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
