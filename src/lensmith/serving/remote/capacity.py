"""Limits the requests of a unit that several servers send to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class UnitFullError(Exception):
    """The unit works on as many requests as it may, and as many wait."""


class Capacity:
    """Seats in a unit: `slots` requests are worked on, `prefetch` wait. Thread-safe."""

    def __init__(self, slots: int, prefetch: int) -> None:
        self._seats = slots + prefetch
        self._slots = threading.Semaphore(slots)
        self._lock = threading.Lock()
        self._taken = 0
        self._began: dict[int, float] = {}  # of the requests that are worked on, by thread

    @contextmanager
    def seat(self) -> Iterator[None]:
        """Take a seat for one request; raises UnitFullError at once without one."""
        with self._lock:
            if self._taken >= self._seats:
                raise UnitFullError
            self._taken += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken -= 1

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait, with a seat, for the turn of this request."""
        own = threading.get_ident()
        with self._slots:
            self._began[own] = time.monotonic()
            try:
                yield
            finally:
                del self._began[own]

    @property
    def longest_seconds(self) -> float:
        """Seconds since the unit began with the oldest request that it works on."""
        began = [*self._began.values()]
        return time.monotonic() - min(began) if began else 0.0
