"""Declares what a launcher asks of the processes of trainings, wherever they run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from lensmith.domain.errors import LensmithError
from lensmith.domain.job import Job

# glibc returns and faults in large blocks again and again otherwise; half the training speed.
_MALLOC = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "100000000000",
    "MALLOC_TOP_PAD_": "268435456",
}

# A thread that waits for another must not spin: on shared cores it spins in the other's place
# (measured on two busy cores: 3.4 s a step spinning, 0.9 s sleeping).
_THREADS = {"OMP_WAIT_POLICY": "PASSIVE"}

ENVIRONMENT = {**_MALLOC, **_THREADS}  # of a training process; read when it starts


@dataclass(frozen=True, slots=True)
class Ended:
    """A process is gone. Its training has an end in the records unless the process broke down."""

    reason: str  # for the operator
    is_fault: bool = True  # maybe of the training: the attempt counts


class NotStartedError(LensmithError):
    """No process could be started; the message says why."""

    def __init__(self, reason: str, *, is_fault: bool = True) -> None:
        """`is_fault` is as in `Ended`."""
        self.is_fault = is_fault
        super().__init__(f"No training process could be started: {reason}.")


class TrainingProcesses(Protocol):
    """Runs `python -m lensmith.training` for claimed jobs, one process each."""

    def can_start(self) -> bool:
        """Return whether one more process can be started now."""
        ...

    def start(self, job: Job) -> int | None:
        """Start a job's process; returns its id on this machine. Raises NotStartedError."""
        ...

    def poll(self, job: Job) -> Ended | None:
        """Return how the process ended, once it has."""
        ...

    def waits(self, job: Job) -> bool:
        """Return whether, at the last `poll`, the process waited for a machine that has room."""
        ...

    def cancel(self, job: Job) -> None:
        """Ask a process to end, and see to it when called again."""
        ...

    def end(self, job: Job) -> None:
        """End a process and forget it; one on another machine is gone a moment later."""
        ...

    def forget(self, job: Job) -> None:
        """Drop what is known of a process that ended."""
        ...

    def sweep(self, is_running: Callable[[int, int], bool]) -> None:
        """End what is left of other servers; `is_running` is asked for a job's id and fence."""
        ...
