"""Actor of one unit, on a Ray node: keeps the unit's process as a server's node does.

It is made without a secret, since Ray keeps what an actor is made with; the order comes by a call.
No picture passes through Ray: servers send them to the port of the unit's own process.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from lensmith import __version__
from lensmith.config import Settings
from lensmith.processes.periodic import PeriodicThread
from lensmith.serving.cluster.hosted_unit import HostedUnit
from lensmith.serving.ray.order import UnitOrder, UnitReport
from lensmith.serving.timeouts import Timeouts
from lensmith.serving.unit import ModelUnusableError, Unit
from lensmith.serving.unit_command import Listening
from lensmith.store.published.cache import FolderCache

ALONE_SECONDS = 900.0
"""Without a leader and without a connection, until an actor ends: its installation is gone."""

_TICK_SECONDS = 0.25


class UnitActor:
    """One unit. Ray calls its methods from several threads."""

    def __init__(
        self,
        host: str,
        threads: int,
        home: Path | None = None,
        end: Callable[[], None] = lambda: os._exit(0),
        alone_seconds: float = ALONE_SECONDS,
        timeouts: Timeouts | None = None,
    ) -> None:
        """Build it on a node whose address is `host`; `end` ends the process.

        The node's own settings say which ports are free to use.
        """
        os.umask(0o077)
        self._host = host
        self._threads = threads
        given = {"LENSMITH_HOME": str(home or node_home())}
        self._settings = Settings.from_environment({**os.environ, **given})
        self._end = end
        self._alone_seconds = alone_seconds
        self._timeouts = timeouts or Timeouts()
        self._order: UnitOrder | None = None
        self._hosted: HostedUnit | None = None
        self._is_leaving = False
        self._changed = threading.Condition()
        self._report = UnitReport()
        self._called_at = time.monotonic()
        self._thread = PeriodicThread("actor", self._step, _TICK_SECONDS)
        self._thread.start()

    def supply(self, order: UnitOrder) -> None:
        """Start the unit, or have it start on other files when it starts again.

        Raises ModelUnusableError if this node has another release of Lensmith.
        """
        self._called_at = time.monotonic()
        if order.release != __version__:
            raise ModelUnusableError(
                f"The Ray node has Lensmith {__version__}, the server {order.release}."
            )
        self._order = order
        self._thread.wake()

    def await_change(self, known: int, seconds: float) -> UnitReport:
        """Return the report once its number is not `known`, at last after `seconds`."""
        self._called_at = time.monotonic()
        with self._changed:
            self._changed.wait_for(lambda: self._report.number != known, seconds)
        self._called_at = time.monotonic()
        return self._report

    @property
    def connections(self) -> int:
        """The connections of servers that the unit's last ping found."""
        unit = None if self._hosted is None else self._hosted.ready
        return 0 if unit is None else unit.connections

    def leave(self) -> None:
        """End the unit after the requests that it has, and this process with it."""
        self._is_leaving = True
        self._thread.wake()

    def _step(self) -> None:
        order, hosted = self._order, self._hosted
        if order is not None and hosted is None and not self._is_leaving:
            hosted = self._hosted = HostedUnit(
                self._files, self._launch, self._thread.wake, self._timeouts
            )
        if hosted is not None:
            hosted.ping()
        if self.connections:
            self._called_at = time.monotonic()
        if time.monotonic() - self._called_at > self._alone_seconds:
            self._is_leaving = True
        if self._is_leaving:
            self._leave(hosted)
        self._publish(order, hosted)

    def _leave(self, hosted: HostedUnit | None) -> None:
        if hosted is not None:
            hosted.leave()
        if hosted is None or hosted.has_ended:
            self._end()

    def _publish(self, order: UnitOrder | None, hosted: HostedUnit | None) -> None:
        unit = None if hosted is None else hosted.ready
        seen = UnitReport(
            self._report.number,
            None if order is None else order.model.digest,
            None if unit is None else unit.port,
            None if hosted is None else hosted.reason,
        )
        if seen != self._report:
            with self._changed:
                self._report = UnitReport(seen.number + 1, seen.digest, seen.port, seen.reason)
                self._changed.notify_all()

    def _files(self) -> AbstractContextManager[Path]:
        order = self._ordered()
        cache = FolderCache(self._settings.files_cache_directory, order.cache_bytes)
        return cache.using(order.model.digest, order.model.fetch)

    def _launch(self, directory: Path) -> Unit:
        order = self._ordered()
        return Unit.launch(
            directory,
            self._threads,
            self._settings.model_log(order.version_id),
            order.data_key,
            order.precision,
            Listening(self._host, order.credentials, order.version_id, self._settings.units_ports),
        )

    def _ordered(self) -> UnitOrder:
        assert self._order is not None
        return self._order


def node_home() -> Path:
    """Return where a Ray node keeps copies of models and logs of units; made for this user."""
    named = os.environ.get("LENSMITH_HOME")
    home = Path(named or f"{tempfile.gettempdir()}/lensmith-{os.getuid()}")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not named and home.lstat().st_uid != os.getuid():
        raise PermissionError(f"{home} is another user's; set LENSMITH_HOME on the Ray node.")
    return home
