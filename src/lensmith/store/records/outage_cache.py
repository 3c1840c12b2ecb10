"""Remembers what calls need most, for a database that is away for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

AWAY_SECONDS = 90.0
"""How long what was read before an outage still counts."""

_KEPT_SECONDS = 600.0  # before an outage
_PAUSE_SECONDS = 1.0  # between two tries to read during one
_MAX_ENTRIES = 8192


@dataclass(frozen=True, slots=True)
class _Known:
    value: Any
    read_at: float


class OutageCache:
    """Keeps what was read in the last minutes, given out only while reads fail. Thread-safe."""

    def __init__(
        self, away_seconds: float = AWAY_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._away_seconds = away_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[Hashable, _Known] = {}
        self._away_since: float | None = None
        self._tried_at = 0.0

    def remember(self, key: Hashable, value: Any) -> None:
        """Keep what was just read; None, where there is nothing, is forgotten."""
        with self._lock:
            self._away_since = None
            self._known.pop(key, None)
            if value is None:
                return
            if len(self._known) >= _MAX_ENTRIES:
                del self._known[next(iter(self._known))]  # the one that was read first
            self._known[key] = _Known(value, self._clock())

    def recall_early(self, key: Hashable) -> Any | None:
        """Return a value without a try to read: the last one began or failed a moment ago.

        None asks the caller for a try. It may take seconds, so others do not wait for it.
        """
        with self._lock:
            if self._away_since is None:
                return None
            now = self._clock()
            if now - self._tried_at > _PAUSE_SECONDS:
                self._tried_at = now
                return None
            return self._recall(key)

    def recall(self, key: Hashable) -> Any | None:
        """Return a value after a read that failed; None if it is not known, or for too long."""
        with self._lock:
            self._tried_at = self._clock()
            if self._away_since is None:
                self._away_since = self._tried_at
            return self._recall(key)

    def _recall(self, key: Hashable) -> Any | None:
        assert self._away_since is not None
        known = self._known.get(key)
        if known is None or self._clock() - self._away_since > self._away_seconds:
            return None
        return known.value if self._away_since - known.read_at <= _KEPT_SECONDS else None
