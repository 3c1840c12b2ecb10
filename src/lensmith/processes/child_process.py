"""Starts child processes that never outlive their parent, even one killed with SIGKILL."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

_MARK = "LENSMITH_LIFELINE"

_MAX_LOG_BYTES = 16 << 20  # a longer log is rotated when its process starts again

Child = subprocess.Popen[bytes]


def spawn(
    argv: Sequence[str],
    env: Mapping[str, str],
    log: Path,
    *,
    pass_fds: Sequence[int] = (),
    die_with_thread: bool = False,
    withheld: tuple[str, ...] = (),
) -> Child:
    """Start a Python child process, which must call `exit_with_parent` first.

    `env` adds to this process's environment, without the variables whose names begin as one of
    `withheld`. The child's output is appended to `log`. It has a session of its own: Ctrl-C in a
    terminal reaches the parent alone, which then stops it.
    `pass_fds` are file descriptors that the child inherits under the same numbers.
    `die_with_thread`: the kernel kills it with the calling thread, also while it imports or holds
    Python's global lock, when `exit_with_parent` cannot.
    """
    argv = die_with_parent_argv(argv) if die_with_thread else argv
    own = {name: value for name, value in os.environ.items() if not name.startswith(withheld)}
    return start([*argv], {**own, **env, _MARK: "1"}, log, pass_fds=pass_fds)


def start(
    argv: Sequence[str],
    env: Mapping[str, str],
    log: Path,
    cwd: Path | None = None,
    *,
    pass_fds: Sequence[int] = (),
) -> Child:
    """Start a process in a session of its own, with exactly `env`, printing into `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _MAX_LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            pass_fds=pass_fds,
            umask=0o077,
        )


def die_with_parent_argv(argv: Sequence[str]) -> list[str]:
    """Return a command line for a foreign program that the kernel kills when its parent dies.

    It is unchanged where util-linux's setpriv is missing. The kernel counts the *thread* that
    starts it as the parent (PR_SET_PDEATHSIG), so that thread has to live as long as the child.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *argv] if setpriv else [*argv]


def exit_with_parent() -> None:
    """End this process as soon as its parent is gone.

    The parent holds the only other end of standard input; the kernel closes it with the parent.
    Does nothing in a process that `spawn` did not start.
    """
    if os.environ.pop(_MARK, None):
        threading.Thread(target=_exit_at_end_of_input, name="exit with parent", daemon=True).start()


def stop(process: Child, grace_seconds: float) -> None:
    """Send SIGTERM, after `grace_seconds` SIGKILL; returns when the process is gone."""
    stop_all([process], grace_seconds)


def stop_all(processes: Collection[Child], grace_seconds: float) -> None:
    """Stop processes which have the same seconds for it; returns when they are gone."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + grace_seconds
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()


def _exit_at_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(1)
