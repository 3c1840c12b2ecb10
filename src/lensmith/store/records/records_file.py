"""Guards the file of SQLite records: it must exist, and stay the one that was opened."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import structlog

from lensmith.domain.errors import RecordsUnavailableError

_log = structlog.get_logger(__name__)

_LOG_SECONDS = 10.0  # between two lines about records that are away


class RecordsFile:
    """Remembers the file of the first connection. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self._logged_at = float("-inf")
        self._logged = ""  # the last reason

    def create(self) -> None:
        """Create an empty file if it is missing and was never opened."""
        if self._identity is None:
            self._path.touch(mode=0o600, exist_ok=True)

    def check(self) -> None:
        """Raise RecordsUnavailableError if the file is gone or is another one.

        SQLite would go on with a file that has no name any more, and make new connections to an
        empty one.
        """
        try:
            status = self._path.stat()
        except OSError as error:
            raise self.unavailable(f"the file is gone ({error.strerror})") from error
        identity = status.st_dev, status.st_ino
        if self._identity is None:
            self._identity = identity
        elif identity != self._identity:
            raise self.unavailable("the file was replaced; stop the server before restoring one")

    def unavailable(self, reason: str) -> RecordsUnavailableError:
        """Make the error and log it, at most every ten seconds for one reason."""
        with self._lock:
            is_over = time.monotonic() - self._logged_at >= _LOG_SECONDS
            is_due = is_over or reason != self._logged
            if is_due:
                self._logged_at, self._logged = time.monotonic(), reason
        if is_due:
            _log.error("records unavailable", file=str(self._path), reason=reason)
        return RecordsUnavailableError(reason)
