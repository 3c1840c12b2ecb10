"""Rotates the logs that the server and its child processes append to."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import structlog

from lensmith.processes.periodic import PeriodicThread

_log = structlog.get_logger(__name__)

MAX_BYTES = 16 << 20
_PAUSE_SECONDS = 60.0


class LogRotation:
    """Looks once a minute; a log has at most about 16 MiB, and one predecessor of that size."""

    def __init__(self, data_directory: Path, run_directory: Path) -> None:
        self._data_directory = data_directory
        self._run_directory = run_directory
        self._thread = PeriodicThread("logs", self._look, _PAUSE_SECONDS)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._thread.stop()

    def _look(self) -> None:
        for log in (self._data_directory / "server.log", *self._run_directory.glob("*.log")):
            try:
                rotate(log)
            except OSError as error:  # a full disk; the next minute tries again
                _log.warning("log not rotated", file=str(log), reason=error.strerror)


def rotate(log: Path, max_bytes: int = MAX_BYTES) -> bool:
    """Copy a long log to `<name>.1` and empty it; returns whether it was long. Raises OSError.

    Its processes keep it open and go on appending. Lines written between the two steps are lost.
    """
    if not log.exists() or log.stat().st_size <= max_bytes:
        return False
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)
    return True
