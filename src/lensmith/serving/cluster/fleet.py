"""The fleet of several servers: requests go to units wherever the leader placed them."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lensmith.domain.project_version import HOSTED, ProjectVersion, VersionStatus
from lensmith.processes.periodic import PeriodicThread
from lensmith.serving.cluster.node_host import NodeHost
from lensmith.serving.cluster.routed_model import RoutedModel, UnitKey
from lensmith.serving.fleet import Detect, Load
from lensmith.serving.image_slot import UnitLostError
from lensmith.serving.remote.unit import RemoteUnit
from lensmith.serving.scaler import UnitRange
from lensmith.serving.timeouts import Timeouts
from lensmith.serving.waiting_room import WaitingRoom
from lensmith.store.records import nodes, placed_units, project_versions, router_loads
from lensmith.store.records.engine import Records
from lensmith.store.records.placed_units import PlacedUnit, UnitState
from lensmith.store.records.router_loads import RouterLoad

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class _Ready:
    """A unit that can be reached."""

    key: UnitKey
    node: str
    host: str


class ClusterFleet:
    """Implements `fleet.Fleet`. It keeps no state that another server needs."""

    def __init__(
        self,
        records: Records,
        server: str,
        context: ssl.SSLContext,
        host: NodeHost | None,
        decided: Callable[[], None],
        timeouts: Timeouts | None = None,
    ) -> None:
        """Build the fleet of the server of that name.

        `host` has the units of this machine, which share memory. `decided` is called when the
        leader, if it is here, has something to decide.
        """
        self._records = records
        self._server = server
        self._context = context
        self._host = host
        self._decided = decided
        self._timeouts = timeouts or Timeouts()
        self._waiting_room = WaitingRoom()
        self._models: dict[str, RoutedModel] = {}  # by version ARN
        self._loads: dict[str, Load] = {}
        self._connecting: set[UnitKey] = set()
        self._reported: dict[int, RouterLoad] = {}
        self._loop: asyncio.AbstractEventLoop | None = None  # of the requests
        self._thread = PeriodicThread("routes", self._step, _TICK_SECONDS)

    def start(self) -> None:
        if self._host is not None:
            self._host.on_change = self._thread.wake
        self._thread.start()

    def stop(self) -> None:
        """Close the connections to units elsewhere."""
        self._thread.stop()
        for model in self._models.values():
            _end(model)

    def wake(self) -> None:
        self._decided()
        if self._host is not None:
            self._host.wake()
        self._thread.wake()

    @contextmanager
    def admission(self, version_arn: str) -> Iterator[Detect]:
        model = self._models.get(version_arn)
        if model is None or self._loop is None:
            # RUNNING in the records, which this server has not looked at since: units will come.
            self._loop = asyncio.get_running_loop()
            model = self._models.setdefault(version_arn, self._new_model())
            self._thread.wake()
        if model.is_idle_at_zero:
            self._thread.wake()
        with model.admission() as detect:
            yield detect

    def waiting(self) -> int:
        """Count the requests that wait for a unit."""
        return self._waiting_room.taken

    def load(self, version_arn: str) -> Load:
        return self._loads.get(version_arn, Load())

    def _new_model(self) -> RoutedModel:
        return RoutedModel(self._timeouts, self._waiting_room)

    def _step(self) -> None:
        with self._records.read() as connection:
            versions = project_versions.in_states(connection, HOSTED)
            hosts = {node.name: node.host for node in nodes.every(connection)}
            placed = placed_units.every(connection)
        by_version: dict[int, list[PlacedUnit]] = defaultdict(list)
        for one in placed:
            by_version[one.version_id].append(one)
        for version in versions:
            self._follow(version, by_version[version.id], hosts)
        self._forget_all_but({version.arn for version in versions})
        self._report(versions)
        self._loads = {
            version.arn: self._load_of(version, by_version[version.id]) for version in versions
        }

    def _follow(
        self, version: ProjectVersion, placed: Sequence[PlacedUnit], hosts: dict[str, str]
    ) -> None:
        """Reach the units of a version that are ready, and no others."""
        model = self._models.get(version.arn)
        if version.status is VersionStatus.STOPPING:
            if model is not None:
                model.close()
        elif model is None or model.is_closed:
            model = self._models[version.arn] = self._new_model()
        if model is None:
            return
        model.is_idle_at_zero = not placed
        ready = {
            one.key: one
            for unit in placed
            if (one := _ready(unit, hosts)) is not None and unit.state is UnitState.READY
        }
        present = {(unit.id, unit.port) for unit in placed if unit.port is not None}
        model.keep_only(ready.keys(), present)
        for key in ready.keys() - model.keys - self._connecting:
            self._reach(model, version.id, ready[key])

    def _reach(self, model: RoutedModel, version_id: int, unit: _Ready) -> None:
        if self._host is not None and unit.node == self._host.name:
            own = self._host.ready_unit(unit.key[0])
            if own is not None and own.port == unit.key[1]:
                model.add(unit.key, own, is_own=True)
            return
        if self._loop is None or self._loop.is_closed():
            return  # until the first request
        self._connecting.add(unit.key)
        connecting = self._connect(model, version_id, unit)
        asyncio.run_coroutine_threadsafe(connecting, self._loop)

    async def _connect(self, model: RoutedModel, version_id: int, unit: _Ready) -> None:
        try:
            address = (unit.host, unit.key[1])
            remote = await RemoteUnit.connect(address, self._context, version_id)
        except UnitLostError:
            log.warning("Unit %d at %s:%d cannot be reached.", unit.key[0], *address)
        else:
            model.add(unit.key, remote)
        finally:
            self._connecting.discard(unit.key)

    def _forget_all_but(self, arns: set[str]) -> None:
        for arn in self._models.keys() - arns:
            _end(self._models.pop(arn))

    def _report(self, versions: Sequence[ProjectVersion]) -> None:
        """Tell the leader of requests, and once that there are no more."""
        loads = []
        for version in versions:
            model = self._models.get(version.arn)
            if model is not None:
                loads.append(RouterLoad(version.id, model.requests, model.take_demand()))
        changed = [
            load
            for load in loads
            if load.requests or load.demand or self._reported.get(load.version_id) != load
        ]
        self._reported = {load.version_id: load for load in loads}
        if changed:
            with self._records.write() as connection:
                router_loads.report(connection, self._server, changed)
            self._decided()

    def _load_of(self, version: ProjectVersion, placed: Sequence[PlacedUnit]) -> Load:
        model = self._models.get(version.arn)
        allowed = UnitRange.of(version.min_units, version.max_units)
        states = [unit.state for unit in placed]
        in_service = states.count(UnitState.READY)
        requests = 0 if model is None else model.requests
        return Load(
            in_service + states.count(UnitState.WANTED),
            in_service,
            allowed.minimum,
            allowed.maximum,
            requests,
            waiting=max(requests - in_service, 0),
            served=None if model is None else model.served,
        )


def _end(model: RoutedModel) -> None:
    model.close()
    model.abandon()
    model.keep_only(frozenset(), frozenset())


def _ready(unit: PlacedUnit, hosts: dict[str, str]) -> _Ready | None:
    host = hosts.get(unit.node)
    if unit.port is None or host is None:
        return None
    return _Ready((unit.id, unit.port), unit.node, host)
