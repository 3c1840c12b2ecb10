"""Kills servers with SIGKILL and starts them again at once, also while they start."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from random import Random

import psutil
from tests.support.eventually import until
from tests.support.live_server import LiveServer, command_line

_TOLD = 20
_CALM = 0.7  # of the kills
_HOME = "LENSMITH_HOME"


class Mortal:
    """A server that is started again, in a thread, whenever it was killed."""

    def __init__(self, server: LiveServer) -> None:
        """Take over a server that runs."""
        self.server = server
        self._is_killed = False
        self._fault: BaseException | None = None
        self._starting: threading.Thread | None = None

    def kill(self) -> None:
        """Kill the server's own process; those that it started have to notice."""
        self._is_killed = True
        process = self.server.process
        assert process is not None
        process.kill()
        process.wait()
        self._join()
        self._is_killed = False
        self._starting = threading.Thread(target=self._start, name="start a server")
        began = self.server.process
        self._starting.start()
        until(lambda: self.server.process is not began)

    def await_answers(self) -> None:
        """Return once it answers; raises with its log when it has ended instead."""
        self._join()

    def left_over(self) -> list[str]:
        """Return the command lines of processes that a killed server has left behind."""
        home = str(self.server.home / "data")
        process = psutil.Process(self.server.pid)
        own = {process.pid, *(child.pid for child in process.children(recursive=True))}
        return [
            f"{one.pid} {command_line(one)}"
            for one in psutil.process_iter()
            if one.pid not in own and _home_of(one) == home
        ]

    def _start(self) -> None:
        try:
            self.server.start()
        except AssertionError as error:
            self._fault = None if self._is_killed else error

    def _join(self) -> None:
        if self._starting is not None:
            self._starting.join()
        if self._fault is not None:
            raise self._fault


def _home_of(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return process.environ().get(_HOME, "")
    return ""


def kill_at_random(mortals: Sequence[Mortal], kills: int, rng: Random, pause: float) -> None:
    """Kill one of them, `kills` times, then wait until all answer.

    Some are killed at any moment, also while they or the others start. Before most kills all answer
    for up to `pause` seconds, so that jobs get somewhere on a slow machine, too.
    """
    for number in range(kills):
        if rng.random() < _CALM:
            for one in mortals:
                one.await_answers()
        time.sleep(rng.uniform(0, pause))
        rng.choice(mortals).kill()
        if (number + 1) % _TOLD == 0:
            print(f"{number + 1} kills", file=sys.stderr)
    for one in mortals:
        one.await_answers()
        until(one.left_over, lambda left: not left, "processes outlive their server")
