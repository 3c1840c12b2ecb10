"""The leader among servers: decides placement and scaling, and the status of hosted versions."""

from __future__ import annotations

import logging
import time

from sqlalchemy import Connection

from lensmith.config import Settings
from lensmith.domain.project_version import HOSTED, STARTED, ProjectVersion, VersionStatus
from lensmith.processes.periodic import PeriodicThread
from lensmith.serving.cluster.demand import VersionDemand
from lensmith.serving.cluster.liveness import Leading, is_alive
from lensmith.serving.cluster.plan import Changes, Wanted, plan
from lensmith.serving.fleet import Load
from lensmith.serving.scaler import UnitRange
from lensmith.serving.timeouts import Timeouts
from lensmith.store.records import (
    leader_signs,
    nodes,
    placed_units,
    project_versions,
    router_loads,
)
from lensmith.store.records.engine import Records
from lensmith.store.records.leadership import Leadership, NotLeaderError
from lensmith.store.records.placed_units import UnitState
from lensmith.store.records.router_loads import RouterLoad

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.5
_TRY_SECONDS = 1.0  # between two tries to become the leader
_SETTLE_SECONDS = 1.5  # until every server has seen that a version stops
_MIN_SILENT_SECONDS = 5.0  # until a node counts as gone
_REPORT_MS = 5000  # age of reports that count


class Controller:
    """Runs on every server with this role; one of them leads at a time.

    What it remembers only makes it slower to decide: another that takes over begins without it.
    """

    def __init__(
        self, settings: Settings, records: Records, timeouts: Timeouts | None = None
    ) -> None:
        self._settings = settings
        self._timeouts = timeouts or Timeouts()
        self._leadership = Leadership(records, settings.lease_seconds)
        self._leading_since: float | None = None
        self._unled_ms: int | None = None  # before that
        self._without_room = 0
        self._demands: dict[int, VersionDemand] = {}
        self._loads: dict[str, Load] = {}
        self._thread = PeriodicThread("controller", self._step, _TICK_SECONDS)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let another server lead."""
        self._thread.stop()
        self._leadership.release()

    def wake(self) -> None:
        self._thread.wake()

    @property
    def is_leader(self) -> bool:
        return self._leading_since is not None

    def load(self, version_arn: str) -> Load:
        """Return the load of a version on all servers; zeros where another server leads."""
        return self._loads.get(version_arn, Load())

    def _step(self) -> float | None:
        try:
            with self._leadership.write() as connection:
                if self._leading_since is None:
                    self._leading_since = time.monotonic()
                    self._unled_ms = leader_signs.silent_ms(connection)
                    log.warning("This server leads now.")
                    router_loads.remove_old(connection)
                    nodes.remove_old(connection)
                self._decide(connection)
        except NotLeaderError:
            self._resign()
            return _TRY_SECONDS
        except BaseException:
            if not self._leadership.is_held:
                self._resign()
            raise
        return None

    def _resign(self) -> None:
        self._leading_since = None
        self._without_room = 0
        self._demands.clear()
        self._loads = {}

    def _decide(self, connection: Connection) -> None:
        versions = project_versions.in_states(connection, HOSTED)
        loads = router_loads.since(connection, _REPORT_MS)
        limit_ms, leading = self._silence_limit_ms(), self._leading()
        known = nodes.every(connection)
        alive = [node for node in known if is_alive(node, limit_ms, leading)]
        leader_signs.report(connection)
        units = placed_units.every(connection)
        for gone in self._demands.keys() - {version.id for version in versions}:
            del self._demands[gone]
        wanted = [self._wanted(version, loads) for version in versions]
        changes = plan(wanted, alive, units)
        _apply(connection, changes)
        self._note_shortage(changes.without_room)
        ready = [unit.version_id for unit in units if unit.state is UnitState.READY]
        self._loads = {
            version.arn: _load(self._demands[version.id], ready.count(version.id))
            for version in versions
        }

    def _silence_limit_ms(self) -> int:
        return round(1000 * max(self._settings.lease_seconds / 3, _MIN_SILENT_SECONDS))

    def _leading(self) -> Leading:
        assert self._leading_since is not None
        return Leading(round(1000 * (time.monotonic() - self._leading_since)), self._unled_ms)

    def _note_shortage(self, units: int) -> None:
        """Log how many units have no room, whenever that changes."""
        if units > self._without_room:
            log.warning("%d units have no room on any machine.", units)
        elif self._without_room and not units:
            log.warning("Every unit has room again.")
        self._without_room = units

    def _wanted(self, version: ProjectVersion, loads: list[RouterLoad]) -> Wanted:
        demand = self._demands.setdefault(version.id, VersionDemand())
        own = [load for load in loads if load.version_id == version.id]
        requests = sum(load.requests for load in own)
        allowed = UnitRange.of(version.min_units, version.max_units)
        if version.status is VersionStatus.STOPPING:
            drained = demand.is_drained(requests, _SETTLE_SECONDS, self._timeouts.drain)
            return Wanted(version, 0, 0, is_drained=drained)
        is_running = version.status is VersionStatus.RUNNING
        idle_stop_seconds = self._settings.idle_stop_seconds if is_running else 0
        busy = sum(load.demand for load in own)
        desired = demand.update(allowed, requests, busy, idle_stop_seconds)
        return Wanted(version, desired, allowed.minimum)


def _apply(connection: Connection, changes: Changes) -> None:
    for version_id, node in changes.placed:
        placed_units.place(connection, version_id, node)
    if changes.dismissed:
        placed_units.dismiss(connection, changes.dismissed)
    if changes.removed:
        placed_units.remove(connection, changes.removed)
    for version, status, message in changes.statuses:
        expected = (version.status,) if version.status is VersionStatus.STOPPING else STARTED
        project_versions.set_status(connection, version.id, status, message, only_from=expected)
        if message is not None:
            log.error("Model %s failed: %s", version.arn, message)


def _load(demand: VersionDemand, in_service: int) -> Load:
    return Load(
        demand.desired,
        in_service,
        demand.allowed.minimum,
        demand.allowed.maximum,
        demand.requests,
        waiting=max(demand.requests - in_service, 0),
    )
