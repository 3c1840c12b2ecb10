"""Child processes that never outlive the process that started them, even one killed with -9."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

_MARK = "LENSMITH_LIFELINE"

_MAX_LOG_BYTES = 16 << 20  # a longer log is put aside when its process starts again

Child = subprocess.Popen[bytes]


def spawn(
    argv: Sequence[str], env: Mapping[str, str], log: Path, *, pass_fds: Sequence[int] = ()
) -> Child:
    """Start a Python child process, which must call `exit_with_parent` first.

    `env` adds to this process's environment. What the child prints is appended to `log`. It has
    a session of its own: Ctrl-C in a terminal reaches the parent alone, which then stops it.
    `pass_fds` are file descriptors that the child inherits under the same numbers.
    """
    return start([*argv], {**os.environ, **env, _MARK: "1"}, log, pass_fds=pass_fds)


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
    """A command for a foreign program that the kernel kills when its parent dies.

    Where util-linux's setpriv is missing the command comes back unchanged. The kernel counts the
    *thread* that starts it as the parent, so that thread has to live as long as the child.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *argv] if setpriv else [*argv]


def exit_with_parent() -> None:
    """End this process at once when its parent is gone.

    The parent holds the only other end of our standard input; the kernel closes it with the
    parent. Does nothing in a process that `spawn` did not start.
    """
    if os.environ.pop(_MARK, None):
        threading.Thread(target=_exit_at_end_of_input, name="lifeline", daemon=True).start()


def stop(process: Child, grace_seconds: float) -> None:
    """Ask a process to end with SIGTERM, then kill it; returns when it is gone."""
    process.terminate()
    try:
        process.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _exit_at_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(1)
