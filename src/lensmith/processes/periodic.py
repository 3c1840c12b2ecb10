"""Repeats a step of the server in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from lensmith.domain.errors import RecordsUnavailableError

_log = structlog.get_logger(__name__)


class PeriodicThread:
    """Calls `step` at once and again after each pause; an error is logged and ends nothing."""

    def __init__(self, name: str, step: Callable[[], float | None], pause_seconds: float) -> None:
        """Build the thread; a step may return the seconds of the pause after it."""
        self._name = name
        self._step = step
        self._pause_seconds = pause_seconds
        self._failing: type[Exception] | None = None  # of the last step
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """End the pause; thread-safe."""
        self._woken.set()

    def stop(self, *, wait: bool = True) -> None:
        """Return when a step that is under way has ended; one never started is not waited for.

        Without `wait` the step may go on until the process ends: it is safe to be cut off.
        """
        self._stopping.set()
        self.wake()
        if wait and self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            pause = self._one_step()
            self._woken.wait(self._pause_seconds if pause is None else pause)
            self._woken.clear()

    def _one_step(self) -> float | None:
        try:
            pause = self._step()
        except (RecordsUnavailableError, OSError) as error:  # a full disk, a database that restarts
            _log.warning("tried again", thread=self._name, reason=str(error))
        except Exception as error:  # noqa: BLE001 - nothing may end this thread before the server
            self._log_once(error)
        else:
            self._failing = None
            return pause
        return None

    def _log_once(self, error: Exception) -> None:
        """Log where it comes from, unless the step before failed alike: of a database away."""
        if self._failing is type(error):
            _log.warning("tried again", thread=self._name, reason=type(error).__name__)
        else:
            _log.exception("tried again", thread=self._name)
        self._failing = type(error)
