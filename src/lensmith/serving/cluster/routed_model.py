"""Requests for one model, sent to its units on this machine and on others."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Set
from contextlib import contextmanager
from functools import partial
from typing import Protocol
from weakref import WeakSet

from lensmith.domain.errors import ImageTooLargeException, ProvisionedThroughputExceededException
from lensmith.domain.image_limits import MAX_IMAGE_BYTES
from lensmith.domain.label import Prediction
from lensmith.domain.precision import Served
from lensmith.serving.fleet import Detect
from lensmith.serving.protocol import Busy
from lensmith.serving.retry import predict_with_retries
from lensmith.serving.router import MAX_WAIT_SECONDS, Router
from lensmith.serving.timeouts import Timeouts
from lensmith.serving.unit import UnitReply
from lensmith.serving.waiting_room import WaitingRoom

_MIN_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 0.02, 0.5  # after a unit was full

UnitKey = tuple[int, int]
"""A start of a unit: the id of the placed unit, and the port that it got."""


class ReachableUnit(Protocol):
    """A unit of this machine or of another."""

    @property
    def slots(self) -> int: ...
    @property
    def prefetch(self) -> int: ...
    @property
    def served(self) -> Served | None: ...
    @property
    def seconds(self) -> float: ...
    async def predict(self, image: bytes, seconds: float) -> UnitReply: ...
    def lose(self) -> None: ...
    def kill(self) -> None: ...


class RoutedModel:
    """The units of one model, as this server reaches them.

    Use `admission` and what it yields in one event loop; everything else is thread-safe.
    """

    def __init__(self, timeouts: Timeouts, waiting_room: WaitingRoom) -> None:
        self._timeouts = timeouts
        self._router: Router[ReachableUnit] = Router(waiting_room)
        self._lock = threading.Lock()  # of what follows
        self._units: dict[UnitKey, ReachableUnit] = {}
        self._own: set[UnitKey] = set()  # those of this machine
        self._leaving: dict[UnitKey, ReachableUnit] = {}  # answer what they have
        # Of this machine; others are connected to anew. One started again may have its port.
        self._lost: dict[UnitKey, ReachableUnit] = {}
        # Of other machines, while requests on them hold them; several may have had one key.
        self._lost_elsewhere: dict[UnitKey, WeakSet[ReachableUnit]] = {}
        self.is_closed = False
        self.is_idle_at_zero = False
        """Whether no unit is wanted until a request comes."""

    @property
    def keys(self) -> set[UnitKey]:
        """The units that requests go to."""
        return set(self._units)

    @property
    def requests(self) -> int:
        return self._router.requests

    @property
    def served(self) -> Served | None:
        """The variant that a unit serves; None without one in service."""
        return next((unit.served for unit in self._router.units), None)

    def take_demand(self) -> float:
        """Return the mean number of requests since the last call, in units that they fill."""
        slots = max((unit.slots for unit in self._router.units), default=1)
        return self._router.take_demand() / slots

    @contextmanager
    def admission(self) -> Iterator[Detect]:
        """Admit one request; raises as `fleet.Fleet.admission`."""
        with self._router.admission():
            yield self._detect

    def add(self, key: UnitKey, unit: ReachableUnit, *, is_own: bool = False) -> None:
        """Send requests to a unit, too; `is_own`: of this machine.

        A model that is closed takes none of another machine: its connections end.
        """
        with self._lock:
            if self.is_closed and not is_own:
                unit.kill()
                return
            if key in self._units or self._lost.get(key) is unit:
                return
            if is_own:
                self._own.add(key)
            self._units[key] = unit
            self._router.add(unit, unit.slots, unit.prefetch, unit.seconds)

    def keep_only(self, ready: Set[UnitKey], present: Set[UnitKey]) -> None:
        """Send requests to `ready` units alone.

        Others that are `present` answer what they have. What is not present is gone: requests
        that it has go elsewhere.
        """
        with self._lock:
            for key in self._units.keys() - ready:
                unit = self._leaving[key] = self._units.pop(key)
                self._router.withdraw(unit)
            for key in self._leaving.keys() - present:
                unit = self._leaving.pop(key)
                if key not in self._own:
                    unit.kill()
            for key in self._lost_elsewhere.keys() - present:
                for unit in self._lost_elsewhere.pop(key):
                    unit.kill()
            self._own &= present
            self._lost = {key: unit for key, unit in self._lost.items() if key in present}

    def close(self) -> None:
        """Refuse new requests; admitted ones are still served."""
        with self._lock:
            self.is_closed = True
        self._router.close()

    def abandon(self) -> None:
        """Fail the requests that wait for a unit."""
        self._router.abandon()

    async def _detect(self, image: bytes) -> Prediction:
        """Predict an image on a unit that has room.

        Raises the image's ServiceError, ProvisionedThroughputExceededException or
        InternalServerError.
        """
        if len(image) > MAX_IMAGE_BYTES:
            raise ImageTooLargeException
        give_up_at = None
        with self._router.demand():
            while True:
                reply = await predict_with_retries(partial(self._attempt, image))
                if not isinstance(reply.timed.reply, Busy):
                    return reply.prediction()
                give_up_at = give_up_at or time.monotonic() + MAX_WAIT_SECONDS
                if time.monotonic() > give_up_at:
                    raise ProvisionedThroughputExceededException

    async def _attempt(self, image: bytes, is_repeated: bool) -> UnitReply:
        timeouts = self._timeouts
        timeout = timeouts.scale_from_zero if self.is_idle_at_zero else timeouts.free_unit
        unit = await self._router.acquire(timeout, first=is_repeated)
        try:
            reply = await unit.predict(image, timeouts.prediction)
        except BaseException:
            self._lose(unit)
            raise
        if isinstance(reply.timed.reply, Busy):
            # Its place stays taken for a moment, so that the next try goes elsewhere.
            seconds = min(max(self._router.service_seconds, _MIN_PAUSE_SECONDS), _MAX_PAUSE_SECONDS)
            asyncio.get_running_loop().call_later(seconds, self._router.give_back, unit)
        else:
            self._router.release(unit, reply.seconds)
        return reply

    def _lose(self, unit: ReachableUnit) -> None:
        """Send no more requests to a unit; one elsewhere is connected to anew."""
        self._router.withdraw(unit)
        unit.lose()
        with self._lock:
            for key in [key for key, known in self._units.items() if known is unit]:
                del self._units[key]
                if key in self._own:
                    self._lost[key] = unit
                else:
                    self._lost_elsewhere.setdefault(key, WeakSet()).add(unit)
