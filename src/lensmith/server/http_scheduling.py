"""Schedules the HTTP thread beside units that have all that they can do."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from lensmith.processes.periodic import PeriodicThread

_PAUSE_SECONDS = 0.1


class HttpScheduling:
    """Lets the HTTP thread wait for its turn while pictures wait for units: SCHED_BATCH, sched(7).

    It then no longer interrupts a network for every packet, and does more in one turn, for which
    the processor's caches are filled once. Pictures that wait for a unit lose nothing by it. While
    none waits, the thread runs at once as ever, also beside trainings. So do the threads that it
    begins, a moment later: they inherit its policy, also from one with SCHED_RESET_ON_FORK, which
    resets only real-time policies.
    """

    def __init__(self, thread_id: int, waiting: Callable[[], int]) -> None:
        """`waiting` counts the requests that wait for a unit."""
        self._thread_id = thread_id
        self._waiting = waiting
        self._is_batch = False
        self._known: set[int] = set()  # ids of other threads that were seen
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
        was_batch, self._is_batch = self._is_batch, self._waiting() > 0
        if self._is_batch is not was_batch:
            _set_policy(self._thread_id, os.SCHED_BATCH if self._is_batch else os.SCHED_OTHER)
        if was_batch:
            self._reset_heirs()

    def _reset_heirs(self) -> None:
        """Set the usual policy of threads that inherited the HTTP thread's since the last step."""
        found = {thread.native_id or self._thread_id for thread in threading.enumerate()}
        found.discard(self._thread_id)
        for heir in found - self._known:
            with suppress(OSError):  # it has ended
                if os.sched_getscheduler(heir) == os.SCHED_BATCH:
                    _set_policy(heir, os.SCHED_OTHER)
        self._known = found


def _set_policy(thread_id: int, policy: int) -> None:
    with suppress(OSError):  # a container may forbid it; all works without
        os.sched_setscheduler(thread_id, policy, os.sched_param(0))
