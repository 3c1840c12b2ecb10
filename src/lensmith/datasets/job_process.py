"""Runs jobs of one kind in a process of their own, started on demand.

Reading the images of a large dataset takes minutes and much memory; creating and changing datasets
goes on meanwhile.
"""

from __future__ import annotations

import sys
import threading

import structlog

from lensmith.datasets.stores import Stores
from lensmith.domain.clock import now_ms
from lensmith.domain.job import JobKind
from lensmith.processes import child_process
from lensmith.store.records import leases

log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 0.25
_PAUSE_AFTER_FAILURE_SECONDS = 5.0
_GRACE_SECONDS = 3.0


class JobProcess:
    """Starts a module as a child whenever a job of one kind is queued or abandoned."""

    def __init__(self, stores: Stores, kind: JobKind, module: str) -> None:
        """Build the supervisor; `module` runs the queued jobs, then exits soon."""
        self._stores = stores
        self._kind = kind
        self._module = module
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # held while the child is started or stopped
        self._child: child_process.Child | None = None
        self._thread = threading.Thread(target=self._watch, name=kind.value, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop a running job; it goes back into the queue."""
        self._stopping.set()
        with self._lock:
            if self._child is not None:
                child_process.stop(self._child, _GRACE_SECONDS)
                self._child = None

    def _watch(self) -> None:
        pause = _PAUSE_SECONDS
        while not self._stopping.wait(pause):
            try:
                succeeded = self._run_queued()
            except Exception:  # the thread's edge: a database that restarts, for example
                log.exception("jobs failed", kind=self._kind.value)
                succeeded = False
            pause = _PAUSE_SECONDS if succeeded else _PAUSE_AFTER_FAILURE_SECONDS

    def _run_queued(self) -> bool:
        """Run a child process if there are jobs; False if it failed."""
        child = self._start_child() if self._has_work() else None
        return child is None or child.wait() == 0

    def _has_work(self) -> bool:
        asked = (self._kind, self._stores.owner)
        return self._stores.records.read_cached(leases.work_from, asked) <= now_ms()

    def _start_child(self) -> child_process.Child | None:
        settings = self._stores.settings
        with self._lock:
            if self._stopping.is_set():
                return None
            self._child = child_process.spawn(
                [sys.executable, "-m", self._module],
                settings.to_environment(),
                settings.run_directory / f"{self._kind.value}.log",
                die_with_thread=True,
            )
            return self._child
