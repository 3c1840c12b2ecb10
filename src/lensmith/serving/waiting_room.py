"""Limits the waiting requests of all models together."""

from __future__ import annotations

import threading

SEATS = 128


class WaitingRoom:
    """Seats for requests that wait for a unit: each holds its image.

    A model may take a seat while it has fewer than are still free. So one flooded model gets half
    of them, the next half of what is left, and there is always one for a model that is not
    flooded. Thread-safe.
    """

    def __init__(self, seats: int = SEATS) -> None:
        self._seats = self._free = seats
        self._lock = threading.Lock()

    @property
    def free(self) -> int:
        return self._free

    @property
    def taken(self) -> int:
        return self._seats - self._free

    def take(self, seats: int) -> None:
        """Take `seats` more; give some back if negative."""
        with self._lock:
            self._free -= seats
