"""Takes the audit events of one process."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import structlog

from lensmith.config import Settings
from lensmith.domain.audit_errors import AuditUnavailableError
from lensmith.domain.audit_event import AuditEvent, DataEvents
from lensmith.processes.periodic import PeriodicThread
from lensmith.store.audit.files import DATA, MANAGEMENT, EventFile

_log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 0.5
_ROOM_BYTES = 1 << 20  # free on the disk, without which changes are refused
_MAX_UNWRITTEN = 10_000  # management events in memory while they cannot be written
_MAX_WAITING = 100_000  # data events between two writes


class AuditTrail:
    """Writes management events before their call is answered, data events twice a second.

    Safe from any thread.
    """

    def __init__(self, directory: Path, data_events: Iterable[str] = ()) -> None:
        self._directory = directory
        self._data_events = frozenset(data_events)
        self._lock = threading.Lock()
        self._management = EventFile(directory, MANAGEMENT)
        self._unwritten: deque[bytes] = deque(maxlen=_MAX_UNWRITTEN)
        self._data = EventFile(directory, DATA)
        self._waiting: deque[AuditEvent] = deque(maxlen=_MAX_WAITING)
        self._thread = PeriodicThread("audit", self._step, _PAUSE_SECONDS)

    @classmethod
    def of(cls, settings: Settings) -> AuditTrail:
        return cls(settings.audit_directory, settings.audit_data_events)

    @property
    def directory(self) -> Path:
        return self._directory

    def start(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._thread.start()

    def stop(self) -> None:
        """Write what waits."""
        self._thread.stop()
        self._write_data()

    def keeps(self, data: DataEvents) -> bool:
        """Return whether data events of a kind are kept."""
        return data.value in self._data_events

    def require_room(self) -> None:
        """Raise AuditUnavailableError when the event of a change could not be written."""
        with self._lock:
            try:
                if self._unwritten:
                    self._write_management()
                free = os.statvfs(self._directory)
            except OSError as error:
                raise AuditUnavailableError(error.strerror or "no reason given") from error
        if free.f_bavail * free.f_frsize < _ROOM_BYTES:
            raise AuditUnavailableError("No space left on device")

    def record(self, event: AuditEvent) -> None:
        """Take an event; one that cannot be written is kept in memory and tried again."""
        if event.data is not None:
            self._waiting.append(event)
            return
        line = msgspec.json.encode(event.form()) + b"\n"
        with self._lock:
            self._unwritten.append(line)
            try:
                self._write_management()
            except OSError as error:
                _log.error("audit event not written", reason=error.strerror)

    def _write_management(self) -> None:
        lines = b"".join(self._unwritten)
        self._management.append(lines, datetime.now(UTC))
        self._unwritten.clear()

    def _step(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            if self._unwritten:
                self._write_management()
        self._write_data()

    def _write_data(self) -> None:
        events = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not events:
            return
        lines = b"".join(msgspec.json.encode(event.form()) + b"\n" for event in events)
        try:
            self._data.append(lines, datetime.now(UTC))
        except OSError as error:  # a detection is answered all the same
            _log.error("data events not written", count=len(events), reason=error.strerror)
