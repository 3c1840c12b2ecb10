"""Lock file of a data directory: one server at a time."""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from pathlib import Path
from typing import IO

import msgspec

from lensmith.config import Settings
from lensmith.domain.errors import StartupError
from lensmith.store.records.leases import new_owner

_NAME = "lock"
_PAUSE_SECONDS = 0.05  # between two tries to take a lock
_TRIES = 10  # while a server has it: one that was killed may be about to lose it
_READER_SECONDS = 60.0


class Holder(msgspec.Struct, frozen=True):
    """The server that holds a data directory, or last held it."""

    pid: int
    endpoint: str
    s3_endpoint: str
    region: str
    owner: str = ""  # in whose name it takes jobs
    directory_id: str = ""  # of the data directory, over all its servers


class DataDirectoryLock:
    """An flock held from `acquire` until `release` or the end of the process."""

    def __init__(self, file: IO[bytes], before: Holder | None) -> None:
        self._file = file
        self.predecessor = before.owner if before else ""
        """The owner of jobs that had the directory before, and has ended; empty: not known."""
        self.owner = new_owner()
        self.directory_id = (before.directory_id if before else "") or secrets.token_hex(8)

    @classmethod
    def acquire(cls, settings: Settings) -> DataDirectoryLock:
        """Create the data directory and take its lock.

        Raises StartupError if another server has it or it cannot be written.
        """
        directory = settings.data_directory
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            (directory / _NAME).touch()
            file = (directory / _NAME).open("r+b", buffering=0)
        except OSError as error:
            raise StartupError(f"The data directory {directory} cannot be used: {error}") from error
        if not _lock(file):
            file.close()
            raise StartupError(_refusal(directory))
        lock = cls(file, last_holder(directory))
        lock.describe(settings)
        return lock

    def describe(self, settings: Settings) -> None:
        """Write where the server is reached, once its port is known."""
        holder = Holder(
            os.getpid(),
            settings.endpoint,
            settings.s3_endpoint,
            settings.region,
            self.owner,
            self.directory_id,
        )
        _write(self._file, holder)

    def release(self) -> None:
        self._file.close()


def last_holder(directory: Path) -> Holder | None:
    """Return the server that has the directory now or had it last; None if it never had one."""
    try:
        return msgspec.json.decode((directory / _NAME).read_bytes(), type=Holder)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def current_holder(directory: Path) -> Holder | None:
    """Return the server that has the directory now, or None."""
    try:
        with (directory / _NAME).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return last_holder(directory)
    return None


def _lock(file: IO[bytes]) -> bool:
    """Take the lock; returns False when a server has it.

    Who calls `current_holder` shares it for a moment, for longer on a busy machine: that is waited
    for.
    """
    tries = 0
    deadline = time.monotonic() + _READER_SECONDS
    while not _try(file, fcntl.LOCK_EX):
        if _try(file, fcntl.LOCK_SH):
            fcntl.flock(file, fcntl.LOCK_UN)  # or two servers that start would wait for each other
        else:
            tries += 1
        if tries == _TRIES or time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE_SECONDS)
    return True


def _try(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(file: IO[bytes], holder: Holder) -> None:
    """Replace the content at one stroke: a kill must not leave half of it, nor nothing.

    The file itself stays: it is what is locked.
    """
    before = os.fstat(file.fileno()).st_size
    os.pwrite(file.fileno(), msgspec.json.encode(holder).ljust(before), 0)


def _refusal(directory: Path) -> str:
    holder = last_holder(directory)
    who = f"process {holder.pid} at {holder.endpoint}" if holder else "another process"
    return (
        f"A Lensmith server already runs on {directory} ({who}). Stop it with `lensmith stop`, "
        "or give this one a directory of its own with --data-directory or LENSMITH_HOME."
    )
