"""Keeps SeaweedFS running: starts it until it answers, and again whenever it dies."""

from __future__ import annotations

import time

from lensmith.domain.errors import StartupError
from lensmith.processes import child_process
from lensmith.processes.restarting import RestartingProcess
from lensmith.store.seaweed.child import START_SECONDS, Seaweed

_MAX_STARTS = 4
_LOOK_SECONDS = 0.02


class KeptSeaweed:
    """SeaweedFS from its first start to `stop`."""

    def __init__(self, seaweed: Seaweed) -> None:
        self._seaweed = seaweed
        self._process = RestartingProcess("seaweedfs", seaweed.start, seaweed.stop)

    def start(self) -> None:
        """Kill what a killed server left running, and start without waiting.

        Raises StartupError when `weed` is missing.
        """
        self._seaweed.stop_stale()
        self._process.start()

    def wait_until_ready(self) -> None:
        """Wait until S3 answers.

        Its ports are free when they are chosen, and may be another program's a second later, when
        SeaweedFS listens: it ends then, and the next start chooses others. Raises StartupError if
        it takes too long, or ends at each of four starts.
        """
        for start in range(1, _MAX_STARTS + 1):
            process = self._process.process
            assert process is not None
            try:
                self._seaweed.wait_until_ready(process)
            except StartupError:
                if process.poll() is None or start == _MAX_STARTS:
                    raise
            else:
                return
            self._await_successor(process)

    def restart(self) -> None:
        """End the process that runs now; another is started."""
        self._process.restart()

    def stop(self) -> None:
        """End SeaweedFS for good."""
        self._process.stop()

    def _await_successor(self, ended: child_process.Child) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self._process.process is ended and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
