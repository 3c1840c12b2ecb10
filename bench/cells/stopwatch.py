"""What a training takes, wall clock and CPU."""

from __future__ import annotations

import resource
import time


class Stopwatch:
    """Wall time, and CPU time of this process and of the children it waited for; it runs."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.monotonic(), _cpu_seconds()

    def read(self) -> tuple[float, float]:
        """Seconds of wall clock and of CPU so far."""
        return time.monotonic() - self._wall, _cpu_seconds() - self._cpu


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
