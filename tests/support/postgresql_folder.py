"""Folders for PostgreSQL servers of tests: in memory where there is room, else on the disk.

A database is 300 files: making one on a disk costs a third of a second of a processor.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

_MEMORY = Path("/dev/shm")
_CONTAINER = Path("/sys/fs/cgroup")
_ROOM = 4 << 30  # bytes, for the databases of all workers and the log of writes
_AVAILABLE = _ROOM + (4 << 30)  # bytes of memory: trainings and browsers run beside
_NAME = "lensmith-postgresql-"
_OWNER = re.compile(rf"{_NAME}(\d+)-")  # the process that made it


@contextmanager
def postgresql_folder() -> Iterator[Path]:
    """Make a folder, which is removed at the end; those of owners that were killed go now."""
    sweep(_MEMORY)
    place = _MEMORY if has_room() else None
    with TemporaryDirectory(prefix=f"{_NAME}{os.getpid()}-", dir=place) as folder:
        yield Path(folder)


def has_room(memory: Path = _MEMORY, container: Path = _CONTAINER) -> bool:
    """Return whether a tmpfs, this machine and its container have room."""
    return (
        memory.is_dir()
        and os.access(memory, os.W_OK)
        and shutil.disk_usage(memory).free >= _ROOM
        and psutil.virtual_memory().available >= _AVAILABLE
        and _left(container) >= _AVAILABLE
    )


def sweep(memory: Path) -> None:
    """End servers whose owner no longer runs, and remove their folders."""
    for folder in memory.glob(f"{_NAME}*"):
        owner = _OWNER.match(folder.name)
        if owner is not None and not psutil.pid_exists(int(owner[1])):
            _end_server(folder / "data" / "postmaster.pid")
            shutil.rmtree(folder, ignore_errors=True)


def _left(container: Path) -> float:
    """Return the bytes that a container may still take; infinity without a limit."""
    try:
        limit = (container / "memory.max").read_text().strip()
        used = int((container / "memory.current").read_text())
        listed = dict(map(str.split, (container / "memory.stat").read_text().splitlines()))
    except OSError:
        return float("inf")
    # The files that were read longest ago make room for what is needed.
    return int(limit) - used + int(listed["inactive_file"]) if limit.isdecimal() else float("inf")


def _end_server(file: Path) -> None:
    with suppress(OSError, ValueError, psutil.Error):
        server = psutil.Process(int(file.read_text().split()[0]))
        if server.name() == "postgres":  # else the number is another's by now
            server.send_signal(signal.SIGQUIT)
            server.wait(20)
