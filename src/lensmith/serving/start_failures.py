"""Counts failed starts of units: pauses between tries, and when to give up."""

from __future__ import annotations

import logging
import time

from lensmith.serving.unit import ModelAwayError, ModelUnusableError

log = logging.getLogger(__name__)

_MAX_STARTS = 3
_MAX_PAUSE_SECONDS = 30.0
_AWAY_SECONDS = 2.0


class StartFailures:
    """Failed starts in a row."""

    def __init__(self, away_seconds: float = _AWAY_SECONDS) -> None:
        """`away_seconds` is the pause after a try for which something was away."""
        self._away_seconds = away_seconds
        self._away: str | None = None  # error of the last try for which something was away
        self._count = 0
        self._reason = ""
        self._next_start_at = 0.0
        self._has_started = False

    @property
    def may_start(self) -> bool:
        """Whether the pause after the last failure is over."""
        return time.monotonic() >= self._next_start_at

    @property
    def final_reason(self) -> str | None:
        """Reason of the last failure once there were too many, else None."""
        return self._reason if self._count >= _MAX_STARTS else None

    def reset(self) -> None:
        """Begin to count anew, after a unit started."""
        self._has_started = True
        self._away = None
        self._count = 0

    def add_away(self, error: Exception) -> None:
        """Pause for what is away; logs its error unless it is the one before."""
        if str(error) != self._away:
            log.warning("A unit cannot be started yet: %s", error)
        self._away = str(error)
        self._next_start_at = time.monotonic() + self._away_seconds

    def end_away(self) -> None:
        """Note that nothing is away: the next such error is logged."""
        self._away = None

    def add_error(self, error: OSError | ModelAwayError | ModelUnusableError) -> None:
        """Count an error of a launch; for what is away, pause without counting."""
        match error:
            case ModelAwayError():
                self.add_away(error)
            case ModelUnusableError():
                self.add_unusable(str(error))
            case OSError():
                self.add(f"A unit cannot be started: {error.strerror}.")

    def add(self, reason: str) -> None:
        """Count one failure; the pause doubles with each."""
        self._add(reason, 1)

    def add_unusable(self, reason: str) -> None:
        """Count a model that does not load; final if it never did."""
        self._add(reason, 1 if self._has_started else _MAX_STARTS)

    def _add(self, reason: str, failures: int) -> None:
        self._reason = reason
        self._away = None
        self._count += failures
        pause = min(0.5 * 2**self._count, _MAX_PAUSE_SECONDS)
        self._next_start_at = time.monotonic() + pause
