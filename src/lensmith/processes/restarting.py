"""Restarts a child process whenever it dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from lensmith.processes import child_process

_log = structlog.get_logger(__name__)

_FIRST_DELAY_SECONDS = 0.2
_MAX_DELAY_SECONDS = 30.0
_HEALTHY_SECONDS = 30.0  # a process that lived this long restarts after the first delay


class RestartingProcess:
    """Starts a process in its own thread and again after each death, with exponential delay."""

    def __init__(
        self,
        name: str,
        start: Callable[[], child_process.Child],
        stop: Callable[[child_process.Child], None],
    ) -> None:
        self._name = name
        self._start = start
        self._stop = stop
        self._stopping = threading.Event()
        self._started = threading.Event()
        # A process that is being ended has no successor before what `stop` removes is gone.
        self._changing = threading.Lock()
        self._error: BaseException | None = None
        self._process: child_process.Child | None = None
        # The kernel ends the process with this thread, so one thread lives through all restarts.
        self._thread = threading.Thread(
            target=self._restart_until_stopped, name=f"keep {name}", daemon=True
        )

    def start(self) -> child_process.Child:
        """Start the process the first time; re-raises its start's error."""
        self._thread.start()
        self._started.wait()
        if self._error is not None:
            raise self._error
        assert self._process is not None
        return self._process

    @property
    def process(self) -> child_process.Child | None:
        """The process that runs now, or the last one."""
        return self._process

    def restart(self) -> None:
        """End the process that runs now; its thread starts the next one."""
        with self._changing:
            if self._process is not None and self._process.poll() is None:
                self._stop(self._process)

    def stop(self) -> None:
        """End the process for good; returns when it is gone."""
        self._stopping.set()
        self.restart()
        if self._thread.is_alive():
            self._thread.join()

    def _restart_until_stopped(self) -> None:
        delay = _FIRST_DELAY_SECONDS
        while not self._stopping.is_set():
            began = time.monotonic()
            self._run_once()
            if self._stopping.is_set() or self._error is not None:
                return
            if time.monotonic() - began > _HEALTHY_SECONDS:
                delay = _FIRST_DELAY_SECONDS
            _log.warning("child died", child=self._name, restart_in_seconds=delay)
            self._stopping.wait(delay)
            delay = min(delay * 2, _MAX_DELAY_SECONDS)

    def _run_once(self) -> None:
        try:
            with self._changing:
                self._process = self._start()
        except Exception as error:  # noqa: BLE001 (a thread's edge: reported or retried)
            self._failed_to_start(error)
            return
        _log.info("child started", child=self._name, pid=self._process.pid)
        self._started.set()
        if self._stopping.is_set():  # `stop` was called before this process existed
            self._stop(self._process)
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _failed_to_start(self, error: Exception) -> None:
        if self._started.is_set():
            _log.error("child not started", child=self._name, error=str(error))
        else:
            self._error = error
            self._started.set()
