"""Children that end with their parent."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil
from tests.support.eventually import until

from lensmith.processes import child_process

_CHILD = """
import time
from lensmith.processes.child_process import exit_with_parent
exit_with_parent()
print("follows", flush=True)
time.sleep(600)
"""
_HOLDS_THE_LOCK = """
import re
from lensmith.processes.child_process import exit_with_parent
exit_with_parent()
print("holds", flush=True)
re.match("(a+)+b", "a" * 64)
"""
_PARENT = """
import sys, time
from pathlib import Path
from lensmith.processes import child_process
log = Path(sys.argv[1])
ours = child_process.spawn([sys.executable, "-c", sys.argv[2]], {}, log)
python = [sys.executable, "-c", sys.argv[3]]
busy = child_process.spawn(python, {}, log, die_with_thread=True)
argv = child_process.die_with_parent_argv(["sleep", "600"])
foreign = child_process.start(argv, {"PATH": "/usr/bin:/bin"}, log)
print(ours.pid, foreign.pid, busy.pid, flush=True)
time.sleep(600)
"""


def until_gone(pid: int) -> None:
    until(lambda: not is_running(pid), message=f"{pid} is still there")


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until_named(pid: int, name: str) -> None:
    until(lambda: psutil.Process(pid).name(), name.__eq__, f"never became {name}")


def until_logged(log: Path, text: str) -> None:
    until(lambda: log.read_text() if log.exists() else "", lambda logged: text in logged)


def test_children_die_with_a_killed_parent(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(log), _CHILD, _HOLDS_THE_LOCK], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        until_logged(log, "follows")
        until_logged(log, "holds")
        until_named(pids[1], "sleep")  # setpriv has bound it and become it
        assert all(psutil.pid_exists(pid) for pid in pids)
        parent.send_signal(signal.SIGKILL)
    for pid in pids:
        until_gone(pid)


def test_stop_asks_then_kills(tmp_path: Path) -> None:
    log = tmp_path / "log"
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True)"
    polite = child_process.spawn([sys.executable, "-c", "import time; time.sleep(600)"], {}, log)
    stubborn = child_process.spawn([sys.executable, "-c", f"{deaf}; time.sleep(600)"], {}, log)
    until_logged(log, "deaf")
    child_process.stop(polite, 30)
    child_process.stop(stubborn, 0.1)
    assert polite.returncode == -signal.SIGTERM
    assert stubborn.returncode == -signal.SIGKILL


_ENDS_AFTER = """
import signal, sys, time
from pathlib import Path
own, other = map(Path, sys.argv[1:])

def end(*_):
    while not other.exists():
        time.sleep(0.01)
    own.with_suffix(".ended").touch()
    sys.exit(0)

signal.signal(signal.SIGTERM, end)
own.touch()
time.sleep(600)
"""


def test_all_are_asked_before_one_is_waited_for(tmp_path: Path) -> None:
    log, first, second = (tmp_path / name for name in ("log", "first", "second"))
    orders = ((first, second.with_suffix(".ended")), (second, second))
    children = [
        child_process.spawn([sys.executable, "-c", _ENDS_AFTER, *map(str, order)], {}, log)
        for order in orders
    ]
    until(lambda: first.exists() and second.exists())
    child_process.stop_all(children, 60)
    assert [child.returncode for child in children] == [0, 0]


def test_a_process_nobody_spawned_follows_nobody() -> None:
    code = "from lensmith.processes.child_process import exit_with_parent as f; f(); print('alive')"
    done = subprocess.run(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.stdout == "alive\n"


def test_what_a_child_prints_is_appended_to_its_log(tmp_path: Path) -> None:
    log = tmp_path / "run" / "child.log"
    for word in ("first", "second"):
        child = child_process.spawn(
            [sys.executable, "-c", "import os; print(os.environ['WORD'])"], {"WORD": word}, log
        )
        child.wait(30)
        child_process.stop(child, 0)
    assert log.read_text().split() == ["first", "second"]
