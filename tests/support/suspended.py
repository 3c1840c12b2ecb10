"""Suspends a process so that none of its threads does anything more."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil
from tests.support.eventually import until

_STILL = {"T", "Z", "X"}  # stopped, or ended and not asked for by a parent that is stopped too


def suspend(process: psutil.Process) -> None:
    """Stop the process and return when each of its threads stands still.

    The kernel stops a thread when that comes to it: on a busy machine one may answer a request for
    a while after the signal was sent.
    """
    process.suspend()
    until(lambda: states(process.pid) <= _STILL, message="a thread goes on")


def states(pid: int) -> set[str]:
    """The states of a process's threads as the kernel names them: T is stopped."""
    found = set()
    for task in Path(f"/proc/{pid}/task").glob("*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            found.add(task.read_text().rpartition(")")[2].split()[0])
    return found
