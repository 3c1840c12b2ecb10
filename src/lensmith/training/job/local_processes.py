"""Runs trainings as child processes of the server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from lensmith.config import Settings
from lensmith.domain.job import Job
from lensmith.processes import child_process
from lensmith.training.job.processes import ENVIRONMENT, Ended, NotStartedError

_GRACE = 5.0  # seconds a process has to end when asked


def spawn(
    settings: Settings, job_id: int, fence: int, options: Sequence[str] = ()
) -> child_process.Child:
    """Start the process of a claimed job, which the kernel ends with this thread."""
    return child_process.spawn(
        [sys.executable, "-m", "lensmith.training", *options, str(job_id), str(fence)],
        {**settings.to_environment(), **ENVIRONMENT},
        settings.training_log(job_id),
        die_with_thread=True,
    )


def stop(process: child_process.Child) -> None:
    """End a training's process; returns when it is gone."""
    child_process.stop(process, _GRACE)


def ended(exit_code: int) -> Ended:
    """Describe the end of a process by its exit code, negative for a signal."""
    return Ended(f"The training process ended with {exit_code}.")


class LocalProcesses:
    """Implements TrainingProcesses; used by the one thread of the launcher."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._processes: dict[int, child_process.Child] = {}

    def can_start(self) -> bool:
        return True

    def start(self, job: Job) -> int | None:
        try:
            process = spawn(self._settings, job.id, job.fence)
        except OSError as error:
            raise NotStartedError(error.strerror or str(error)) from error
        self._processes[job.id] = process
        return process.pid

    def poll(self, job: Job) -> Ended | None:
        code = self._processes[job.id].poll()
        return None if code is None else ended(code)

    def waits(self, _job: Job) -> bool:
        return False

    def cancel(self, job: Job) -> None:
        process = self._processes[job.id]
        if process.poll() is None:
            stop(process)

    def forget(self, job: Job) -> None:
        process = self._processes.pop(job.id)
        if process.stdin is not None:
            process.stdin.close()

    def end(self, job: Job) -> None:
        stop(self._processes.pop(job.id))

    def sweep(self, _is_running: Callable[[int, int], bool]) -> None:
        """Nothing is left: the kernel ends processes with their server."""
