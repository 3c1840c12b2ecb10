"""Processes that are started again."""

from __future__ import annotations

import subprocess
import threading

import pytest
from tests.support.eventually import until

from lensmith.domain.errors import StartupError
from lensmith.processes import child_process
from lensmith.processes.restarting import RestartingProcess


class Sleeper:
    """Counts its starts; fails those that it is told to fail."""

    def __init__(self, failing: frozenset[int] = frozenset()) -> None:
        self.starts = 0
        self.threads: set[int] = set()
        self._failing = failing

    def start(self) -> child_process.Child:
        self.starts += 1
        self.threads.add(threading.get_ident())
        if self.starts in self._failing:
            raise StartupError("not now")
        return subprocess.Popen(["sleep", "600"], stdin=subprocess.PIPE)

    def stop(self, process: child_process.Child) -> None:
        child_process.stop(process, 10)


def until_alive(kept: RestartingProcess, but_not: child_process.Child) -> child_process.Child:
    process = until(
        lambda: kept.process,
        lambda process: process not in {None, but_not},
        "not started again",
    )
    assert process is not None
    return process


def end(process: child_process.Child) -> None:
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()


def test_starts_again_from_one_thread_until_stopped() -> None:
    sleeper = Sleeper(failing=frozenset({3}))
    kept = RestartingProcess("sleeper", sleeper.start, sleeper.stop)
    first = kept.start()
    end(first)
    second = until_alive(kept, but_not=first)
    end(second)
    third = until_alive(kept, but_not=second)  # after a start that failed
    kept.stop()
    assert third.poll() is not None
    assert sleeper.starts == 4
    assert len(sleeper.threads) == 1  # the kernel counts the thread as the parent


def test_raises_when_the_first_start_fails() -> None:
    sleeper = Sleeper(failing=frozenset({1}))
    kept = RestartingProcess("sleeper", sleeper.start, sleeper.stop)
    with pytest.raises(StartupError, match="not now"):
        kept.start()
    kept.stop()
    assert sleeper.starts == 1


def test_stop_interrupts_the_wait_for_a_restart() -> None:
    sleeper = Sleeper(failing=frozenset(range(2, 100)))
    kept = RestartingProcess("sleeper", sleeper.start, sleeper.stop)
    end(kept.start())
    kept.stop()
    assert kept.process is not None
    assert kept.process.poll() is not None


class Tidying(Sleeper):
    """Takes its time to remove what a process left, and notes whether another has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.was_overtaken = False

    def start(self) -> child_process.Child:
        if self.starts:
            self.begun.set()
        return super().start()

    def stop(self, process: child_process.Child) -> None:
        super().stop(process)
        self.was_overtaken |= self.begun.wait(0.5)  # longer than it waits before a restart


def test_what_an_ended_process_left_is_removed_before_the_next_starts() -> None:
    tidying = Tidying()
    kept = RestartingProcess("tidying", tidying.start, tidying.stop)
    first = kept.start()
    kept.restart()
    until_alive(kept, but_not=first)
    assert not tidying.was_overtaken
    kept.stop()
