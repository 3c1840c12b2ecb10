"""Fills the records with the management events of the files, each once."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from lensmith.domain.clock import now_ms
from lensmith.processes.periodic import PeriodicThread
from lensmith.store.audit.files import KEPT_DAYS, MANAGEMENT, files_of, remove_old
from lensmith.store.records import audit_events
from lensmith.store.records.engine import Records

_PAUSE_SECONDS = 1.0
_HOUR_SECONDS = 3600.0
_MAX_BYTES = 1 << 20  # of lines in one transaction


class AuditHistory:
    """One of them for a data directory: the server's, whose gateways write files alone."""

    def __init__(self, records: Records, directory: Path, data_bytes: int) -> None:
        self._records = records
        self._directory = directory
        self._data_bytes = data_bytes
        self._host = socket.gethostname()
        self._lock = threading.Lock()
        self._next_removal_ms = 0
        self._thread = PeriodicThread("audit history", self._step, _PAUSE_SECONDS)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._thread.stop()

    def catch_up(self) -> None:
        """Take every line that is in the files by now; raises RecordsUnavailableError."""
        with self._lock:
            for file in files_of(self._directory, MANAGEMENT):
                if file.is_file():
                    self._take(file)

    def remove_old(self) -> None:
        """Remove events of more than 90 days from the records and from the files."""
        now = datetime.now(UTC)
        before = now - timedelta(days=KEPT_DAYS)
        with self._records.write() as connection:
            audit_events.remove_before(connection, int(before.timestamp() * 1000))
        remove_old(self._directory, now, self._data_bytes)

    def _take(self, file: Path) -> None:
        name = f"{self._host}:{file}"
        with self._records.read() as connection:
            position = audit_events.position(connection, name)
        size = file.stat().st_size
        if size == position:
            return
        if size < position:  # records of a backup beside files of later; none is taken twice
            position = 0
        with file.open("rb") as opened:
            opened.seek(position)
            while lines := _whole_lines(opened.read(_MAX_BYTES)):
                position += len(lines)
                with self._records.write() as connection:
                    audit_events.add(connection, list(_events(lines)))
                    audit_events.set_position(connection, name, position)
                opened.seek(position)

    def _step(self) -> None:
        self.catch_up()
        if now_ms() >= self._next_removal_ms:
            self.remove_old()
            self._next_removal_ms = now_ms() + int(_HOUR_SECONDS * 1000)


def _whole_lines(read: bytes) -> bytes:
    """Cut off a last line that is still being written, unless it is all there is."""
    end = read.rfind(b"\n") + 1
    return read[:end] if end or len(read) < _MAX_BYTES else read


def _events(lines: bytes) -> Iterator[dict[str, Any]]:
    for line in lines.splitlines():
        with contextlib.suppress(msgspec.DecodeError):  # torn by a full disk
            event = msgspec.json.decode(line)
            if isinstance(event, dict):
                yield event
