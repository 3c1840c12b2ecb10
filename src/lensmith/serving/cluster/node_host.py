"""The units of this machine: started and ended as the records want, reported to them."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from lensmith.config import Settings
from lensmith.domain.errors import RecordsUnavailableError
from lensmith.domain.project_version import HOSTED, ProjectVersion
from lensmith.processes.periodic import PeriodicThread
from lensmith.serving.cluster.hosted_unit import HostedUnit
from lensmith.serving.cluster.reported_units import WANTED, report_changes
from lensmith.serving.timeouts import Timeouts
from lensmith.serving.unit import ModelAwayError, ModelUnusableError, Unit
from lensmith.serving.unit_command import Listening
from lensmith.store.published.model import using_model
from lensmith.store.published.opening import published_folders
from lensmith.store.records import nodes, placed_units, project_versions
from lensmith.store.records.engine import Records
from lensmith.store.records.placed_units import PlacedUnit
from lensmith.store.sealed.folder import KeyAwayError, KeyUnusableError, open_sealed

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.5
_REPORT_SECONDS = 1.0
_STOP_TICK_SECONDS = 0.05
_MEMORY_SHARE = 0.7  # of the machine's, for units


class NodeHost:
    """A node: this server's machine as a place for units."""

    def __init__(
        self,
        settings: Settings,
        records: Records,
        name: str,
        credentials: bytes,
        timeouts: Timeouts | None = None,
    ) -> None:
        """`name` is the same after a restart. `credentials` are those of `credentials_of`."""
        self.name = name
        self.on_change: Callable[[], None] = lambda: None
        """Called when a unit became ready or ended."""
        self._settings = settings
        self._records = records
        self._credentials = credentials
        self._timeouts = timeouts or Timeouts()
        self._folders = published_folders(settings, records)
        self._units: dict[int, HostedUnit] = {}  # by the id of the placed unit
        self._versions: dict[int, ProjectVersion] = {}  # likewise, as the records have them now
        self._reported_at = 0.0
        self._thread = PeriodicThread("node", self._step, _TICK_SECONDS)

    def start(self) -> None:
        """Start the units that this node had before, and follow the records."""
        with self._records.write() as connection:
            placed_units.begin_again(connection, self.name)
        self._thread.start()

    def stop(self) -> None:
        """Give the units up, so that others take over, then end each after its last request."""
        self._thread.stop()
        with suppress(RecordsUnavailableError, DBAPIError), self._records.write() as connection:
            placed_units.remove_of_node(connection, self.name)
            nodes.leave(connection, self.name)
        while any(not unit.has_ended for unit in self._units.values()):
            for unit in self._units.values():
                unit.leave()
            time.sleep(_STOP_TICK_SECONDS)

    def wake(self) -> None:
        self._thread.wake()

    def ready_unit(self, placed_id: int) -> Unit | None:
        """Return a unit of this machine, which shares memory with it; None if it is not ready."""
        hosted = self._units.get(placed_id)
        return None if hosted is None else hosted.ready

    def _step(self) -> None:
        self._report_life()
        with self._records.read() as connection:
            placed = placed_units.of_node(connection, self.name)
            hosted = project_versions.in_states(connection, HOSTED) if placed else []
        versions = {version.id: version for version in hosted}
        self._end_all_but({one.id for one in placed if one.state in WANTED})
        for one in placed:
            if one.state in WANTED and one.version_id in versions:
                self._keep(one, versions[one.version_id])
        report_changes(self._records, placed, self._units, lambda one: one.id not in self._units)

    def _report_life(self) -> None:
        now = time.monotonic()
        if now - self._reported_at < _REPORT_SECONDS:
            return
        memory = self._settings.units_memory_bytes or _usable_memory()
        with self._records.write() as connection:
            nodes.report(connection, self.name, self._settings.units_host, memory)
        self._reported_at = now

    def _keep(self, one: PlacedUnit, version: ProjectVersion) -> None:
        self._versions[one.id] = version
        hosted = self._units.get(one.id)
        if hosted is None:
            files = partial(self._files, one.id)
            launch = partial(self._launch, version)
            self._units[one.id] = HostedUnit(files, launch, self._changed, self._timeouts)
        else:
            hosted.ping()

    def _files(self, placed_id: int) -> AbstractContextManager[Path]:
        """Give the folder that the records name now: it is another once a key was rotated."""
        return using_model(self._settings, self._folders, self._versions[placed_id])

    def _end_all_but(self, wanted: set[int]) -> None:
        for placed_id in self._units.keys() - wanted:
            if self._units[placed_id].has_ended:
                del self._units[placed_id], self._versions[placed_id]
            else:
                self._units[placed_id].leave()

    def _launch(self, version: ProjectVersion, directory: Path) -> Unit:
        try:
            sealed = open_sealed(self._settings, self._records, directory)
        except KeyAwayError as error:
            raise ModelAwayError(str(error)) from error
        except KeyUnusableError as error:
            raise ModelUnusableError(str(error)) from error
        return Unit.launch(
            directory,
            max(1, len(os.sched_getaffinity(0)) // max(len(self._units), 1)),
            self._settings.model_log(version.id),
            None if sealed is None else sealed.data_key,
            self._settings.precision,
            Listening(
                self._settings.units_host,
                self._credentials,
                version.id,
                self._settings.units_ports,
            ),
        )

    def _changed(self) -> None:
        self.wake()
        self.on_change()


def _usable_memory() -> int:
    return int(_MEMORY_SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
