"""One cell in a fresh process that has the environment of a training process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import TypeVar

import msgspec
from rich.console import Console

from lensmith.processes.child_process import die_with_parent_argv
from lensmith.training.job.launcher import ENVIRONMENT

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

_ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
_ERROR_LINES = 15


def outcome_of(
    module: str, task: object, kind: type[Outcome], *, one_thread: bool, console: Console
) -> Outcome | None:
    """What `python -m module TASK` prints last; None when it failed, its last words printed.

    The process dies with the thread that calls this.
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
    """The other side: carry out the task on the command line and print the outcome as JSON."""
    task = msgspec.json.decode(sys.argv[1], type=kind)
    print(msgspec.json.encode(carry_out(task)).decode(), flush=True)
