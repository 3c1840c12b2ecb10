"""Restarts SeaweedFS when there is room again on a disk that was full.

Its filer's LevelDB keeps the first write error of its log and refuses every later write with it
(goleveldb, journal.Writer), so without a restart no object could be written any more.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import structlog

from lensmith.processes.periodic import PeriodicThread

_log = structlog.get_logger(__name__)

ROOM_BYTES = 32 << 20  # free on the disk of the objects, from which a restart is worth it
_PAUSE_SECONDS = 2.0
_MIN_SECONDS_BETWEEN_RESTARTS = 30.0
_FAULT = re.compile(rb"filerldb2/[^\n]*no space left on device")
_MAX_READ = 1 << 18  # bytes of the log at once


class StoreRecovery:
    """Reads SeaweedFS's log every two seconds."""

    def __init__(
        self,
        log: Path,
        objects: Path,
        restart: Callable[[], None],
        room_bytes: int = ROOM_BYTES,
    ) -> None:
        self._log_file = log
        self._objects = objects
        self._restart = restart
        self._room_bytes = room_bytes
        self._position = 0
        self._had_room = False
        self._thread = PeriodicThread("store recovery", self._step, _PAUSE_SECONDS)

    def start(self) -> None:
        self._position = _size(self._log_file)
        self._thread.start()

    def stop(self) -> None:
        self._thread.stop()

    def look(self) -> bool:
        """Restart the store if it fails to write though there was room; returns whether it did.

        A store that is restarted on a full disk would not start.
        """
        failed = _FAULT.search(self._new_lines()) is not None
        had_room = self._had_room
        self._had_room = shutil.disk_usage(self._objects).free >= self._room_bytes
        if not (failed and had_room and self._had_room):
            return False
        _log.warning("the disk was full; the object store starts again", child="seaweedfs")
        self._restart()
        return True

    def _step(self) -> float | None:
        return _MIN_SECONDS_BETWEEN_RESTARTS if self.look() else None

    def _new_lines(self) -> bytes:
        size = _size(self._log_file)
        if size < self._position:  # rotated
            self._position = 0
        start = max(self._position, size - _MAX_READ)
        self._position = size
        if start == size:
            return b""
        with self._log_file.open("rb") as file:
            file.seek(start)
            return file.read(size - start)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
