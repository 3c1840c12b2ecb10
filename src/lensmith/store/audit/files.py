"""Files of audit events: one line an event, one file a day of management events, an hour of data.

Every process appends whole lines to the same files; the records are filled from them.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

MANAGEMENT, DATA = "management", "data"
KEPT_DAYS = 90


class EventFile:
    """Appends to the file of now; one for each kind of events."""

    def __init__(self, directory: Path, kind: str) -> None:
        self._directory = directory
        self._kind = kind
        self._name = ""
        self._descriptor = -1
        self._is_torn = False  # the last line came only in part

    def append(self, lines: bytes, now: datetime) -> None:
        """Write whole lines; raises OSError, after which another call may try again."""
        name = file_name(self._kind, now)
        try:
            if name != self._name or not self._is_there():
                self._open(name)
            self._write(b"\n" + lines if self._is_torn else lines)
            self._is_torn = False
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _is_there(self) -> bool:
        """Return whether the open file is still the one of that name."""
        if self._descriptor < 0:
            return False
        try:
            return os.path.samestat(
                os.fstat(self._descriptor), (self._directory / self._name).stat()
            )
        except FileNotFoundError:
            return False

    def _open(self, name: str) -> None:
        self.close()
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._descriptor = os.open(self._directory / name, flags, 0o600)
        self._name = name

    def _write(self, lines: bytes) -> None:
        written = os.write(self._descriptor, lines)
        if written < len(lines):
            self._is_torn = True
            written += os.write(self._descriptor, lines[written:])  # raises when there is no room


def file_name(kind: str, now: datetime) -> str:
    return (
        f"{kind}-{now:%Y-%m-%d}.jsonl" if kind == MANAGEMENT else f"{kind}-{now:%Y-%m-%dT%H}.jsonl"
    )


def files_of(directory: Path, kind: str) -> list[Path]:
    """Return the files of a kind, oldest first."""
    return sorted(directory.glob(f"{kind}-*.jsonl"))


def remove_old(directory: Path, now: datetime, data_bytes: int) -> None:
    """Remove what is older than 90 days, and the oldest data events beyond `data_bytes`."""
    oldest = now.astimezone(UTC) - timedelta(days=KEPT_DAYS)
    for kind in (MANAGEMENT, DATA):
        for file in files_of(directory, kind):
            if file.name < file_name(kind, oldest):
                file.unlink(missing_ok=True)
    left = data_bytes
    for number, file in enumerate(reversed(files_of(directory, DATA))):
        left -= file.stat().st_size
        if left < 0 and number:  # the newest is being written
            file.unlink(missing_ok=True)
