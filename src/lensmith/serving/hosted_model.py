"""One running model: its units kept alive, its requests routed, retried and drained."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from lensmith.domain.errors import ImageTooLargeException
from lensmith.domain.image_limits import MAX_IMAGE_BYTES
from lensmith.domain.label import Prediction
from lensmith.serving.fleet import Detect, Load
from lensmith.serving.image_slot import UnitLostError
from lensmith.serving.retry import predict_with_retries
from lensmith.serving.router import Router
from lensmith.serving.scaler import (
    SAMPLE_SECONDS,
    Sample,
    UnitRange,
    desired_units,
    is_idle_long_enough,
    recent,
)
from lensmith.serving.start_failures import StartFailures
from lensmith.serving.timeouts import Timeouts
from lensmith.serving.unit import ModelAwayError, ModelUnusableError, Unit, UnitReply
from lensmith.serving.waiting_room import WaitingRoom

log = logging.getLogger(__name__)


class HostedModel:
    """The units of one model.

    Call `adjust` and `wind_down` from one thread; use `admission` and what it yields in one event
    loop.
    """

    def __init__(
        self,
        launch: Callable[[], Unit],
        changed: Callable[[], None],
        timeouts: Timeouts,
        waiting_room: WaitingRoom | None = None,
    ) -> None:
        """Build the host; `launch` starts a unit, `changed` is called when one came or went.

        `waiting_room` limits the waiting requests of all models together.
        """
        self._launch = launch
        self._changed = changed
        self._timeouts = timeouts
        self._router: Router[Unit] = Router(waiting_room)
        self._lock = threading.Lock()
        self._units: set[Unit] = set()  # starting, in service or leaving
        self._leaving: dict[Unit, float] = {}  # when its shutdown began; inf: once it is idle
        self._requests_on: Counter[Unit] = Counter()  # requests sent to each unit
        self._pinged: set[Unit] = set()  # reply outstanding
        self._slots = 1  # requests that a unit works on at once
        self._samples: list[Sample] = []
        self._sampled_at = self._used_at = time.monotonic()
        self._start_failures = StartFailures()
        self._closed_at: float | None = None
        self._allowed = UnitRange(0, 0)
        self._desired = 0

    @property
    def in_service(self) -> int:
        return self._router.in_service

    @property
    def load(self) -> Load:
        in_service, requests = self.in_service, self._router.active
        return Load(
            self._desired,
            in_service,
            self._allowed.minimum,
            self._allowed.maximum,
            requests,
            waiting=max(requests - in_service * self._slots, 0),
            served=next((unit.served for unit in self._router.units), None),
        )

    @property
    def failure(self) -> str | None:
        """Reason why this model cannot be hosted, once that is certain."""
        return None if self.in_service else self._start_failures.final_reason

    @contextmanager
    def admission(self) -> Iterator[Detect]:
        """Admit one request; yields the function that predicts its image.

        Scales a model from zero; the idle clock restarts when the block ends. Raises
        ProvisionedThroughputExceededException or ResourceNotReadyException (being stopped).
        """
        with self._router.admission():
            self._used_at = time.monotonic()
            if not self._desired:
                self._changed()
            try:
                yield self._detect
            finally:
                self._used_at = time.monotonic()

    def adjust(self, allowed: UnitRange, idle_stop_seconds: float = 0) -> None:
        """Start or end units to follow the demand of the last minute, within `allowed`.

        Scales to zero after `idle_stop_seconds` without a request; 0 never does.
        """
        self._allowed = allowed
        self._desired = self._desired_units(idle_stop_seconds)
        with self._lock:
            present = len(self._units) - len(self._leaving)
        for _ in range(present, self._desired):
            self._start_unit()
        # Not while a replacement still starts: ending a serving unit would leave a gap.
        for _ in range(self._desired, min(present, self.in_service)):
            self._retire_unit()
        self._kill_overdue()
        self._ping_silent()

    def wind_down(self) -> bool:
        """Refuse new requests, drain the admitted ones and end the units.

        Call it again until it returns True: nothing is left.
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
        if not self._router.requests or waited > self._timeouts.drain:
            for unit in units - self._leaving.keys():
                self._shut_down(unit)
        self._kill_overdue()
        if waited > self._timeouts.drain + self._timeouts.exit:
            self.kill()
        return False

    def kill(self) -> None:
        """Kill every unit at once."""
        with self._lock:
            for unit in self._units:
                unit.kill()

    async def _detect(self, image: bytes) -> Prediction:
        """Predict an image on a free unit.

        Raises the image's ServiceError, ProvisionedThroughputExceededException or
        InternalServerError.
        """
        if len(image) > MAX_IMAGE_BYTES:
            raise ImageTooLargeException
        with self._router.demand():
            reply = await predict_with_retries(partial(self._attempt, image))
        return reply.prediction()

    async def _attempt(self, image: bytes, is_repeated: bool) -> UnitReply:
        timeouts = self._timeouts
        timeout = timeouts.free_unit if self._desired else timeouts.scale_from_zero
        unit = await self._router.acquire(timeout, first=is_repeated)
        try:
            with self._request_on(unit):
                reply = await unit.predict(image, timeouts.prediction)
        except BaseException:
            self._router.withdraw(unit)
            unit.kill()
            raise
        self._router.release(unit, reply.seconds)
        return reply

    @contextmanager
    def _request_on(self, unit: Unit) -> Iterator[None]:
        """Count a request on a unit; shut down a retired unit after its last request."""
        with self._lock:
            self._requests_on[unit] += 1
        try:
            yield
        finally:
            with self._lock:
                self._requests_on[unit] -= 1
                last = not self._requests_on[unit]
                if last:
                    del self._requests_on[unit]
                retired = last and unit in self._leaving
            if retired:
                self._shut_down(unit)

    def _desired_units(self, idle_stop_seconds: float) -> int:
        now = time.monotonic()
        if now - self._sampled_at >= SAMPLE_SECONDS:
            self._sampled_at = now
            sample = Sample(now, self._router.take_demand() / self._slots)
            self._samples = recent([*self._samples, sample], now)
        idle_seconds = now - self._used_at
        if not self._router.requests and is_idle_long_enough(idle_seconds, idle_stop_seconds):
            return 0
        return desired_units(self._samples, self._desired, self._allowed)

    def _start_unit(self) -> None:
        if not self._start_failures.may_start:
            return
        try:
            unit = self._launch()
        except (OSError, ModelAwayError, ModelUnusableError) as error:
            self._start_failures.add_error(error)
            return
        with self._lock:
            self._units.add(unit)
        threading.Thread(target=self._follow, args=(unit,), daemon=True).start()

    def _retire_unit(self) -> None:
        """Take one unit out of service: an idle one, else a busy one after its last reply."""
        unit = self._router.withdraw_idle()
        if unit is not None:
            self._shut_down(unit)
            return
        with self._lock:
            busy = next((unit for unit in self._requests_on if unit not in self._leaving), None)
            if busy is not None:
                self._router.withdraw(busy)
                self._leaving[busy] = math.inf

    def _shut_down(self, unit: Unit) -> None:
        with self._lock:
            if unit in self._units:  # it may have ended by itself
                self._leaving[unit] = time.monotonic()
        unit.shut_down()

    def _kill_overdue(self) -> None:
        """Kill units that did not end in time after their shutdown began."""
        now = time.monotonic()
        with self._lock:
            for unit, since in self._leaving.items():
                if now - since > self._timeouts.exit:
                    unit.kill()

    def _ping_silent(self) -> None:
        """Ping quiet units, so that a hung one is replaced before a request meets it."""
        for unit in set(self._router.units) - self._pinged:
            if unit.silent_seconds > self._timeouts.idle_before_ping:
                self._pinged.add(unit)
                threading.Thread(target=self._ping, args=(unit,), daemon=True).start()

    def _ping(self, unit: Unit) -> None:
        try:
            unit.ping(self._timeouts.ping)
        except UnitLostError:
            log.warning("Unit %d gives no sign of life.", unit.pid)
            self._router.withdraw(unit)
            unit.kill()
        finally:
            self._pinged.discard(unit)

    def _follow(self, unit: Unit) -> None:
        """Wait for a unit to load, put it into service, and clean up after its end."""
        if self._becomes_ready(unit):
            self._start_failures.reset()
            self._used_at = time.monotonic()
            self._slots = unit.slots
            self._router.add(unit, unit.slots, unit.prefetch, unit.seconds)
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
            unit.await_ready(self._timeouts.start)
        except ModelUnusableError as error:
            self._start_failures.add_unusable(str(error))
        except UnitLostError:
            unit.kill()
            self._start_failures.add("A unit ended or hung while it loaded the model.")
        else:
            return True
        return False
