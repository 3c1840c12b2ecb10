"""Schedules the HTTP thread beside units that have all that they can do."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress

from lensmith.processes.periodic import PeriodicThread

_PAUSE_SECONDS = 0.1


class HttpScheduling:
    """Lets the HTTP thread wait for its turn while pictures wait for units: SCHED_BATCH, sched(7).

    It then no longer interrupts a network for every packet, and does more in one turn, for which
    the processor's caches are filled once. Pictures that wait for a unit lose nothing by it. While
    none waits, the thread runs at once as ever, also beside trainings.
    """

    def __init__(self, thread_id: int, waiting: Callable[[], int]) -> None:
        """`waiting` counts the requests that wait for a unit."""
        self._thread_id = thread_id
        self._waiting = waiting
        self._is_batch = False
        self._thread = PeriodicThread("http scheduling", self.step, _PAUSE_SECONDS)

    def start(self) -> None:
        """Start; does nothing where there is no such policy or the server was given another."""
        if sys.platform != "linux":
            return
        with suppress(OSError):  # a container may forbid the question too
            if os.sched_getscheduler(self._thread_id) == os.SCHED_OTHER:
                self._thread.start()

    def stop(self) -> None:
        self._thread.stop()

    def step(self) -> None:
        """Choose the policy as of now."""
        is_batch = self._waiting() > 0
        if is_batch is self._is_batch:
            return
        self._is_batch = is_batch
        policy = os.SCHED_BATCH if is_batch else os.SCHED_OTHER
        with suppress(OSError):  # a container may forbid it; all works without
            os.sched_setscheduler(self._thread_id, policy, os.sched_param(0))
