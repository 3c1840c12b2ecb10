"""Runs a training of a benchmark in a process of its own, with a training process's environment."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec
from rich.console import Console

from lensmith.domain.job import Progress
from lensmith.processes.child_process import die_with_parent_argv
from lensmith.training.job.processes import ENVIRONMENT

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

_ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
_ERROR_LINES = 15


def outcome_of(
    module: str, task: object, kind: type[Outcome], *, one_thread: bool, console: Console
) -> Outcome | None:
    """Run `python -m module TASK` and return the JSON of its last line as `kind`.

    Returns None when it fails, after printing the end of its stderr. The process dies with the
    calling thread.
    """
    argv = [sys.executable, "-m", module, msgspec.json.encode(task).decode()]
    environment = {**os.environ, **ENVIRONMENT, **(_ONE_THREAD if one_thread else {})}
    ended = subprocess.run(
        die_with_parent_argv(argv), env=environment, capture_output=True, text=True
    )
    if ended.returncode != 0:
        last = ended.stderr.splitlines()[-_ERROR_LINES:]
        console.print("\n".join(last), markup=False, soft_wrap=True, style="red")
        return None
    return msgspec.json.decode(ended.stdout.splitlines()[-1], type=kind)


def answer(kind: type[Task], carry_out: Callable[[Task], object]) -> None:
    """In that process: decode the task of the command line and print its outcome as JSON."""
    task = msgspec.json.decode(sys.argv[1], type=kind)
    print(msgspec.json.encode(carry_out(task)).decode(), flush=True)


def ignore_progress(progress: Progress) -> None:
    """Drop a training's progress, which benchmarks do not show."""


class Stopwatch:
    """Measures wall time, and CPU time of this process and of the children it waited for."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.monotonic(), _cpu_seconds()

    def read(self) -> tuple[float, float]:
        """Return the seconds of wall clock and of CPU since it was made."""
        return time.monotonic() - self._wall, _cpu_seconds() - self._cpu


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
