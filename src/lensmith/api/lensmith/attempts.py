"""Limits how often signing in may fail."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from lensmith.domain.errors import TooManyAttemptsException


class Attempts:
    """Rate limit of failed sign-ins by address: ten a minute."""

    def __init__(
        self,
        max_failures: int = 10,
        seconds: float = 60.0,
        addresses: int = 1024,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_failures, self._seconds, self._addresses = max_failures, seconds, addresses
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def refuse_too_many(self, address: str) -> None:
        """Raise TooManyAttemptsException when the address is over the limit."""
        with self._lock:
            failures = self._failures.get(address, deque())
            while failures and failures[0] <= self._clock() - self._seconds:
                failures.popleft()
            if len(failures) >= self._max_failures:
                raise TooManyAttemptsException

    def note_failure(self, address: str) -> None:
        with self._lock:
            failures = self._failures.setdefault(address, deque(maxlen=self._max_failures))
            failures.append(self._clock())
            self._failures.move_to_end(address)
            while len(self._failures) > self._addresses:
                self._failures.popitem(last=False)
