"""Runs jobs of some kinds in processes of their own, one a kind, started on demand.

Reading the images of a large dataset takes minutes and much memory; creating and changing datasets
goes on meanwhile.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping

import structlog

from lensmith.datasets.stores import Stores
from lensmith.domain.clock import now_ms
from lensmith.domain.job import JobKind
from lensmith.processes import child_process
from lensmith.processes.child_process import Child
from lensmith.store.records import leases

log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 0.25
_SHARED_PAUSE_SECONDS = 0.5  # of PostgreSQL: each look is two queries, where SQLite's is a counter
_PAUSE_AFTER_FAILURE_SECONDS = 5.0
_GRACE_SECONDS = 3.0


class JobProcesses:
    """Starts a module as a child whenever a job of its kind is queued or abandoned.

    One thread looks for all kinds.
    """

    def __init__(self, stores: Stores, modules: Mapping[JobKind, str]) -> None:
        """Build the supervisor; a kind's module runs the queued jobs, then exits soon."""
        self._stores = stores
        self._modules = dict(modules)
        self._stopping = threading.Event()
        self._children: dict[JobKind, Child] = {}
        self._resumes: dict[JobKind, float] = {}  # after a failure, on the monotonic clock
        self._thread = threading.Thread(target=self._watch, name="job processes", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop the running jobs; they go back into the queue."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        usual = _SHARED_PAUSE_SECONDS if self._stores.records.is_shared else _PAUSE_SECONDS
        pause = usual
        while not self._stopping.wait(pause):
            try:
                self._look()
                pause = usual
            except Exception:  # the thread's edge: a database that restarts, for example
                log.exception("jobs failed")
                pause = _PAUSE_AFTER_FAILURE_SECONDS
        # Here: the kernel kills them with this thread.
        child_process.stop_all(self._children.values(), _GRACE_SECONDS)

    def _look(self) -> None:
        self._collect_ended()
        now = time.monotonic()
        busy = {*self._children, *(kind for kind, at in self._resumes.items() if at > now)}
        if len(busy) == len(self._modules):
            return
        asked = (tuple(self._modules), self._stores.owner)
        work = self._stores.records.read_cached(leases.work_by_kind, asked)
        for kind, begins in work.items():
            if kind not in busy and begins <= now_ms():
                self._try_to_start(kind)

    def _try_to_start(self, kind: JobKind) -> None:
        """Start a process, or try again later; other kinds go on."""
        try:
            self._start_child(kind)
        except OSError:
            log.exception("job process failed to start", kind=kind.value)
            self._resumes[kind] = time.monotonic() + _PAUSE_AFTER_FAILURE_SECONDS

    def _collect_ended(self) -> None:
        ended = {kind: child.poll() for kind, child in self._children.items()}
        for kind, status in ended.items():
            if status is not None:
                del self._children[kind]
            if status:
                self._resumes[kind] = time.monotonic() + _PAUSE_AFTER_FAILURE_SECONDS

    def _start_child(self, kind: JobKind) -> None:
        settings = self._stores.settings
        self._children[kind] = child_process.spawn(
            [sys.executable, "-m", self._modules[kind]],
            settings.to_environment(),
            settings.run_directory / f"{kind.value}.log",
            die_with_thread=True,
        )
