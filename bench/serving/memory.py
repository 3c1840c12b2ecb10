"""The memory of a server and of its children over a run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from statistics import mean
from typing import Any

import psutil

_EVERY_SECONDS = 5.0
_WARM_UP_SECONDS = 60.0  # threads, buffers and caches that a busy server always has
_MEGABYTE = 1e6

Sample = tuple[float, float, float]  # seconds since the start, RSS, PSS (megabytes)


class MemoryWatch:
    """Samples a process and, as one, its children whose command line holds `named`.

    PSS counts a page that several processes share once; it needs Linux, elsewhere it is 0.
    """

    def __init__(self, process: psutil.Process, named: str) -> None:
        self._process = process
        self._named = named
        self._over = threading.Event()
        self._server: list[Sample] = []
        self._units: list[Sample] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def report(self) -> dict[str, Any]:
        """Of the server and of a unit on average: first, last, peak, and a curve by minute.

        The first is taken after a minute of work; the curve begins before that.
        """
        return {"server": _course(self._server), "a unit": _course(self._units)}

    def _watch(self) -> None:
        began = time.monotonic()
        while not self._over.wait(_EVERY_SECONDS):
            at = time.monotonic() - began
            self._server.append((at, *_memory(self._process)))
            units = [_memory(each) for each in self._process.children() if self._is_unit(each)]
            if units:
                rss, pss = zip(*units, strict=True)
                self._units.append((at, mean(rss), mean(pss)))

    def _is_unit(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            return self._named in process.cmdline()
        return False


def _memory(process: psutil.Process) -> tuple[float, float]:
    """RSS and PSS in megabytes; nothing of a process that is just ending."""
    with suppress(psutil.Error):
        full = process.memory_full_info()
        return full.rss / _MEGABYTE, getattr(full, "pss", 0) / _MEGABYTE
    return 0.0, 0.0


def _course(samples: list[Sample]) -> dict[str, Any]:
    if not samples:
        return {}
    step = max(1, round(60 / _EVERY_SECONDS))
    first = next((each for each in samples if each[0] >= _WARM_UP_SECONDS), samples[0])
    return {
        "first_rss": round(first[1]),
        "last_rss": round(samples[-1][1]),
        "first_pss": round(first[2]),
        "last_pss": round(samples[-1][2]),
        "peak_rss": round(max(rss for _, rss, _ in samples)),
        "rss_by_minute": [round(rss) for _, rss, _ in samples[::step]],
    }
