"""One running model: its units kept alive, its requests routed, retried and drained."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lensmith.domain.errors import (
    ImageTooLargeException,
    InternalServerError,
    ProvisionedThroughputExceededException,
)
from lensmith.domain.label import Prediction
from lensmith.serving.fleet import Detect, Load
from lensmith.serving.place import NeverLookedAtError, UnitLostError
from lensmith.serving.router import NoFreeUnitError, Router
from lensmith.serving.scaler import (
    SAMPLE_SECONDS,
    Sample,
    UnitRange,
    desired_units,
    may_rest,
    recent,
)
from lensmith.serving.shared_memory import LARGEST_FILE
from lensmith.serving.unit import Look, ModelUnusableError, Unit
from lensmith.serving.waiting_room import WaitingRoom

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for units, in seconds."""

    start: float = 60.0  # a unit that has not loaded by then is hung
    answer: float = 20.0  # nor one that has not looked at an image
    free_unit: float = 10.0  # a request that found every unit busy or being replaced
    wake: float = 30.0  # a request that found the model at rest
    drain: float = 30.0  # requests inside when the model is stopped
    dismissal: float = 5.0  # a unit told to go
    silence: float = 10.0  # of a unit that nobody asks, before it is pinged
    ping: float = 5.0  # its answer to that


_STARTS_TRIED = 3
_UNITS_RISKED = 2  # by one image
_LONGEST_PAUSE_SECONDS = 30.0


class HostedModel:
    """Units of one model.

    `adjust` and `wind_down` belong to one thread, `admission` and what it gives to one event loop.
    """

    def __init__(
        self,
        launch: Callable[[], Unit],
        changed: Callable[[], None],
        patience: Patience,
        room: WaitingRoom | None = None,
    ) -> None:
        """`launch` starts the process of a unit; `changed` is called when a unit came or went.

        `room` is where the requests of all models wait.
        """
        self._launch = launch
        self._changed = changed
        self._patience = patience
        self._router: Router[Unit] = Router(room)
        self._lock = threading.Lock()
        self._units: set[Unit] = set()  # starting, in service or leaving
        self._leaving: dict[Unit, float] = {}  # when each was told to go; inf: once it is idle
        self._asked: Counter[Unit] = Counter()  # requests that each unit looks at
        self._pinged: set[Unit] = set()  # and not yet heard
        self._places = 1  # requests that a unit looks at at once
        self._samples: list[Sample] = []
        self._sampled_at = self._used_at = time.monotonic()
        self._failed_starts = 0
        self._next_start_at = 0.0
        self._reason = ""
        self._served = False
        self._closed_at: float | None = None
        self._allowed = UnitRange(0, 0)
        self._desired = 0

    @property
    def in_service(self) -> int:
        return self._router.in_service

    @property
    def load(self) -> Load:
        in_service, requests = self.in_service, self._router.asking
        return Load(
            self._desired,
            in_service,
            self._allowed.minimum,
            self._allowed.maximum,
            requests,
            waiting=max(requests - in_service * self._places, 0),
        )

    @property
    def failure(self) -> str | None:
        """Why this model cannot be hosted, once that is certain."""
        hopeless = self._failed_starts >= _STARTS_TRIED and not self.in_service
        return self._reason if hopeless else None

    @contextmanager
    def admission(self) -> Iterator[Detect]:
        """The stay of one request, in which it may have an image looked at.

        A model at rest is woken. Raises ProvisionedThroughputExceededException or
        ResourceNotReadyException (being stopped).
        """
        with self._router.admission(), self._use():
            yield self._detect

    def adjust(self, allowed: UnitRange, idle_stop_seconds: float = 0) -> None:
        """Bring the units nearer to what the demand of the last minute calls for.

        After `idle_stop_seconds` without a request there are none; 0 keeps them.
        """
        self._allowed = allowed
        self._desired = self._desired_units(idle_stop_seconds)
        with self._lock:
            present = len(self._units) - len(self._leaving)
        for _ in range(present, self._desired):
            self._start_unit()
        # One that still starts is not gone before it serves: its elder would leave a gap.
        for _ in range(self._desired, min(present, self.in_service)):
            self._retire_unit()
        self._kill_overdue()
        self._ping_silent()

    def wind_down(self) -> bool:
        """Refuse new requests, let those inside end, end the units; True when nothing is left.

        To be called again until it is True.
        """
        if self._closed_at is None:
            self._closed_at = time.monotonic()
            self._router.close()
        with self._lock:
            units = set(self._units)
        if not units:
            self._router.abandon()
            return True
        waited = time.monotonic() - self._closed_at
        if not self._router.requests or waited > self._patience.drain:
            for unit in units - self._leaving.keys():
                self._dismiss(unit)
        self._kill_overdue()
        if waited > self._patience.drain + self._patience.dismissal:
            self.kill()
        return False

    def kill(self) -> None:
        """End every unit at once."""
        with self._lock:
            for unit in self._units:
                unit.kill()

    async def _detect(self, image: bytes) -> Prediction:
        """What a free unit sees in an image.

        Raises the image's ServiceError, ProvisionedThroughputExceededException or
        InternalServerError.
        """
        if len(image) > LARGEST_FILE:
            raise ImageTooLargeException
        with self._router.demand():
            look = await self._looked_at(image)
        return look.prediction()

    async def _looked_at(self, image: bytes) -> Look:
        """By another unit when the first is lost: two may die of an image, no more."""
        lost, again = 0, False
        while lost < _UNITS_RISKED:
            try:
                return await self._attempt(image, again=again)
            except NoFreeUnitError as error:
                refusal = InternalServerError if again else ProvisionedThroughputExceededException
                raise refusal from error
            except NeverLookedAtError:
                again = True  # another image is to blame, and is repeated fewer times than this
            except UnitLostError:
                lost, again = lost + 1, True
            log.warning("A unit was lost with a request on it; the request is repeated.")
        raise InternalServerError

    @contextmanager
    def _use(self) -> Iterator[None]:
        """The time in which a model is asked, at the end of which its rest begins anew."""
        self._used_at = time.monotonic()
        if not self._desired:
            self._changed()
        try:
            yield
        finally:
            self._used_at = time.monotonic()

    async def _attempt(self, image: bytes, *, again: bool = False) -> Look:
        patience = self._patience.free_unit if self._desired else self._patience.wake
        unit = await self._router.acquire(patience, first=again)
        try:
            with self._asking(unit):
                look = await unit.ask(image, self._patience.answer)
        except BaseException:
            self._router.withdraw(unit)
            unit.kill()
            raise
        self._router.release(unit, look.seconds)
        return look

    @contextmanager
    def _asking(self, unit: Unit) -> Iterator[None]:
        """Counts a request on a unit; one that was retired meanwhile goes with its last."""
        with self._lock:
            self._asked[unit] += 1
        try:
            yield
        finally:
            with self._lock:
                self._asked[unit] -= 1
                last = not self._asked[unit]
                if last:
                    del self._asked[unit]
                retired = last and unit in self._leaving
            if retired:
                self._dismiss(unit)

    def _desired_units(self, idle_stop_seconds: float) -> int:
        now = time.monotonic()
        if now - self._sampled_at >= SAMPLE_SECONDS:
            self._sampled_at = now
            sample = Sample(now, self._router.take_demand() / self._places)
            self._samples = recent([*self._samples, sample], now)
        if not self._router.requests and may_rest(now - self._used_at, idle_stop_seconds):
            return 0
        return desired_units(self._samples, self._desired, self._allowed)

    def _start_unit(self) -> None:
        if time.monotonic() < self._next_start_at:
            return
        try:
            unit = self._launch()
        except OSError as error:
            self._note_failed_start(f"A unit cannot be started: {error.strerror}.")
            return
        with self._lock:
            self._units.add(unit)
        threading.Thread(target=self._tend, args=(unit,), daemon=True).start()

    def _retire_unit(self) -> None:
        """Take one unit away: an idle one, else one that is busy, once it has answered."""
        unit = self._router.withdraw_idle()
        if unit is not None:
            self._dismiss(unit)
            return
        with self._lock:
            busy = next((unit for unit in self._asked if unit not in self._leaving), None)
            if busy is not None:
                self._router.withdraw(busy)
                self._leaving[busy] = math.inf

    def _dismiss(self, unit: Unit) -> None:
        with self._lock:
            if unit in self._units:  # it may have ended by itself
                self._leaving[unit] = time.monotonic()
        unit.dismiss()

    def _kill_overdue(self) -> None:
        """End units that were told to go and did not."""
        now = time.monotonic()
        with self._lock:
            for unit, since in self._leaving.items():
                if now - since > self._patience.dismissal:
                    unit.kill()

    def _ping_silent(self) -> None:
        """So that a unit that hangs is replaced before a request meets it."""
        for unit in set(self._router.units) - self._pinged:
            if unit.silent_seconds > self._patience.silence:
                self._pinged.add(unit)
                threading.Thread(target=self._ping, args=(unit,), daemon=True).start()

    def _ping(self, unit: Unit) -> None:
        try:
            unit.ping(self._patience.ping)
        except UnitLostError:
            log.warning("Unit %d gives no sign of life.", unit.pid)
            self._router.withdraw(unit)
            unit.kill()
        finally:
            self._pinged.discard(unit)

    def _tend(self, unit: Unit) -> None:
        """Follow one unit from its start to its end."""
        if self._becomes_ready(unit):
            self._served = True
            self._failed_starts = 0
            self._used_at = time.monotonic()
            self._places = unit.places
            self._router.add(unit, unit.places, unit.ahead)
            self._changed()
        code = unit.wait()
        self._router.withdraw(unit)
        with self._lock:
            expected = unit in self._leaving
            self._units.discard(unit)
            self._leaving.pop(unit, None)
        if not expected:
            log.warning("Unit %d ended with %d.", unit.pid, code)
        self._changed()

    def _becomes_ready(self, unit: Unit) -> bool:
        try:
            unit.await_ready(self._patience.start)
        except ModelUnusableError as error:
            # A model that never loaded will not load the next time either.
            self._note_failed_start(str(error), tries=1 if self._served else _STARTS_TRIED)
        except UnitLostError:
            unit.kill()
            self._note_failed_start("A unit ended or hung while it loaded the model.")
        else:
            return True
        return False

    def _note_failed_start(self, reason: str, tries: int = 1) -> None:
        self._reason = reason
        self._failed_starts += tries
        pause = min(0.5 * 2**self._failed_starts, _LONGEST_PAUSE_SECONDS)
        self._next_start_at = time.monotonic() + pause
