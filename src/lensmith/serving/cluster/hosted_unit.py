"""Keeps one placed unit alive on its node until it is to leave."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from lensmith.domain.errors import ObjectStoreError, RecordsUnavailableError, StartupError
from lensmith.serving.image_slot import UnitLostError
from lensmith.serving.start_failures import StartFailures
from lensmith.serving.timeouts import Timeouts
from lensmith.serving.unit import ModelAwayError, ModelUnusableError, Unit
from lensmith.store.records.placed_units import UnitState
from lensmith.store.unreadable_folder import FolderAwayError, UnreadableFolderError

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.1
_NOTICE_SECONDS = 1.5  # until other servers have seen that a unit leaves

_LOCAL = (FileNotFoundError, PermissionError, StartupError)  # of the root key, or of its folders
_AWAY = (
    FolderAwayError,
    ModelAwayError,
    ObjectStoreError,
    OSError,
    RecordsUnavailableError,
    SQLAlchemyError,
)


class HostedUnit:
    """One unit with a thread of its own. Call its methods from one thread."""

    def __init__(
        self,
        files: Callable[[], AbstractContextManager[Path]],
        launch: Callable[[Path], Unit],
        changed: Callable[[], None],
        timeouts: Timeouts,
        failures: StartFailures | None = None,
    ) -> None:
        """`launch` starts a unit on the files of its model, which `files` keeps here meanwhile."""
        self._files = files
        self._launch = launch
        self._changed = changed
        self._timeouts = timeouts
        self._failures = failures or StartFailures()
        self._unit: Unit | None = None
        self._leaving_since: float | None = None
        self._is_pinged = False
        self.ready: Unit | None = None
        """The unit while it answers."""
        self.reason: str | None = None
        """Why it cannot start, once that is certain."""
        self._thread = threading.Thread(target=self._keep, name="keep unit", daemon=True)
        self._thread.start()

    @property
    def state(self) -> UnitState:
        """The state to report."""
        if self.reason is not None:
            return UnitState.FAILED
        return UnitState.WANTED if self.ready is None else UnitState.READY

    @property
    def port(self) -> int | None:
        """The port of a unit that answers other servers."""
        unit = self.ready
        return None if unit is None else unit.port

    @property
    def has_ended(self) -> bool:
        return not self._thread.is_alive()

    def ping(self) -> None:
        """Have a silent unit killed unless it answers."""
        unit = self.ready
        if unit is None or self._is_pinged:
            return
        if unit.silent_seconds > self._timeouts.idle_before_ping:
            self._is_pinged = True
            threading.Thread(target=self._ping, args=(unit,), daemon=True).start()

    def leave(self, notice_seconds: float = _NOTICE_SECONDS) -> None:
        """End the unit once it is idle; call it again until `has_ended`."""
        now = time.monotonic()
        if self._leaving_since is None:
            self._leaving_since = now
        seconds, unit = now - self._leaving_since, self._unit
        if unit is None or seconds <= notice_seconds:
            return
        if unit.is_idle or seconds > notice_seconds + self._timeouts.drain:
            unit.shut_down()
        if seconds > notice_seconds + 2 * self._timeouts.drain:
            unit.kill()

    def _keep(self) -> None:
        while self._leaving_since is None and self.reason is None:
            if self._failures.may_start:
                self._run_once()
            else:
                time.sleep(_PAUSE_SECONDS)
        self._changed()

    def _run_once(self) -> None:
        try:
            with self._files() as directory:
                self._run_on(directory)
        except ModelUnusableError as error:
            self._failures.add_unusable(str(error))
        except _LOCAL as error:
            self._failures.add(str(error))
        except _AWAY as error:
            self._failures.add_away(error)
        except UnreadableFolderError as error:
            self._failures.add_unusable(str(error))
        self.reason = self._failures.final_reason

    def _run_on(self, directory: Path) -> None:
        try:
            self._unit = unit = self._launch(directory)
        except OSError as error:
            self._failures.add(f"A unit cannot be started: {error.strerror}.")
        else:
            self._follow(unit)

    def _follow(self, unit: Unit) -> None:
        """Put a unit into service until it ends."""
        try:
            unit.await_ready(self._timeouts.start)
        except ModelUnusableError as error:
            self._failures.add_unusable(str(error))
        except UnitLostError:
            unit.kill()
            self._failures.add("A unit ended or hung while it loaded the model.")
        else:
            self._failures.reset()
            self.ready = unit
            self._changed()
        code = unit.wait()
        self.ready = self._unit = None
        if self._leaving_since is None:
            log.warning("Unit %d ended with %d.", unit.pid, code)
            self._changed()

    def _ping(self, unit: Unit) -> None:
        try:
            unit.ping(self._timeouts.ping)
        except UnitLostError:
            log.warning("Unit %d gives no sign of life.", unit.pid)
            unit.kill()
        finally:
            self._is_pinged = False
