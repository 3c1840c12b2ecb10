"""The units on a Ray cluster's nodes: actors that are started and ended as the records want.

Ray runs processes on nodes and sets their resources aside. Where a unit runs is decided as for
every node (`serving/placement.py`), and the leader alone starts one again.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from lensmith.config import Settings
from lensmith.domain.project_version import HOSTED, ProjectVersion
from lensmith.processes.periodic import PeriodicThread
from lensmith.ray_cluster.actors import NamedActors, RayNode, Resources
from lensmith.ray_cluster.connection import RayConnection
from lensmith.ray_cluster.errors import ClusterAwayError
from lensmith.serving.cluster.controller import Controller
from lensmith.serving.cluster.plan import UNIT_BYTES
from lensmith.serving.cluster.reported_units import WANTED, report_changes
from lensmith.serving.ray.actor import UnitActor
from lensmith.serving.ray.followed_unit import FollowedUnit
from lensmith.serving.ray.nodes import RayNodes, is_of_ray, node_name
from lensmith.serving.ray.ordering import ON_A_DISK, Ordering
from lensmith.store.published.opening import installation
from lensmith.store.records import placed_units, project_versions
from lensmith.store.records.engine import Records
from lensmith.store.records.placed_units import PlacedUnit

_TICK_SECONDS = 0.5
_AWAY_SECONDS = 1.0  # between two tries
_END_SECONDS = 90.0  # for an actor to end by itself
_NAME = "unit-"


class RayUnits:
    """Runs on every server that may lead; the one that leads acts."""

    def __init__(
        self,
        settings: Settings,
        records: Records,
        connection: RayConnection,
        credentials: bytes,
        context: ssl.SSLContext,
        controller: Controller,
    ) -> None:
        """`credentials` and `context` are of `credentials_of` and `connecting_context`."""
        self._records = records
        self._connection = connection
        self._controller = controller
        self._namespace = f"lensmith-{installation(records)}"
        self._resources = Resources(
            settings.cluster_unit_cpus, settings.cluster_unit_gpus, UNIT_BYTES
        )
        self._ordering = Ordering(settings, records, credentials)
        self._nodes = RayNodes(records, context, self._resources, lambda: controller.is_leader)
        self._session = 0
        self._actors: NamedActors | None = None
        self._units: dict[int, FollowedUnit] = {}  # by the id of the placed unit
        self._ending: dict[str, float] = {}  # since when actors were asked to end
        self._handles: dict[str, Any] = {}  # of actors that are to end
        self._thread = PeriodicThread("ray units", self._step, _TICK_SECONDS)

    def start(self) -> None:
        self._thread.start()
        self._nodes.start()

    def stop(self) -> None:
        """Leave the actors to the next leader, which finds them by their names."""
        self._nodes.stop()
        self._thread.stop(wait=False)  # a call of Ray may wait for the head

    def wake(self) -> None:
        self._thread.wake()

    def _step(self) -> float | None:
        if not self._controller.is_leader:
            self._forget()
            return None
        try:
            with self._connection.session() as session:
                if self._actors is None or session.number != self._session:
                    self._forget()
                    self._session = session.number
                    self._actors = NamedActors(session, self._namespace, UnitActor)
                return self._follow(self._actors)
        except ClusterAwayError:
            return _AWAY_SECONDS

    def _forget(self) -> None:
        """Handles are of one connection; units are found again by their names."""
        self._units.clear()
        self._ending.clear()
        self._handles.clear()

    def _follow(self, actors: NamedActors) -> float | None:
        found = actors.nodes()
        self._nodes.note(found)
        alive = {node_name(node): node for node in found if node.is_alive}
        names = actors.names()  # before the records are read: an actor is there after its record
        placed, versions = self._placed()
        wanted = [one for one in placed if one.state in WANTED and one.version_id in versions]
        for gone in self._units.keys() - {one.id for one in wanted}:
            unit = self._units.pop(gone)
            self._handles[_name(gone)] = unit.actor
            if unit.actor is not None and not unit.has_answered:  # it waits for resources
                actors.kill(unit.actor)
        for one in wanted:
            if one.node in alive:
                self._keep(actors, one, alive[one.node], versions[one.version_id])
        self._end(actors, names - {_name(one.id) for one in wanted})
        has_waited = self._listen(actors)
        self._report(placed, names)
        return 0 if has_waited else None

    def _placed(self) -> tuple[list[PlacedUnit], Mapping[int, ProjectVersion]]:
        with self._records.read() as connection:
            placed = [one for one in placed_units.every(connection) if is_of_ray(one.node)]
            hosted = project_versions.in_states(connection, HOSTED) if placed else []
        return placed, {version.id: version for version in hosted}

    def _keep(
        self, actors: NamedActors, one: PlacedUnit, node: RayNode, version: ProjectVersion
    ) -> None:
        unit = self._units.get(one.id)
        if unit is None:
            unit = FollowedUnit(actors, _name(one.id), node, self._resources)
            self._units[one.id] = unit
        if version.artefact is None:
            unit.reason = ON_A_DISK
        else:
            unit.keep(version.artefact, partial(self._ordering.order, version))

    def _end(self, actors: NamedActors, unwanted: set[str]) -> None:
        """Have actors end that no record wants; each answers what it has."""
        now = time.monotonic()
        for name in self._ending.keys() - unwanted:
            del self._ending[name]
        for name in self._handles.keys() - unwanted:
            del self._handles[name]
        for name in unwanted:
            since = self._ending.setdefault(name, now)
            if since != now and now - since < _END_SECONDS:
                continue
            actor = self._handles.pop(name, None) or actors.find(name)
            if actor is not None and since == now:
                actor.leave.remote()
            elif actor is not None:
                actors.kill(actor)

    def _listen(self, actors: NamedActors) -> bool:
        """Wait a moment for what actors report; returns whether there was something to wait for."""
        by_call: dict[Any, FollowedUnit] = {
            call: unit for unit in self._units.values() for call in unit.calls
        }
        if not by_call:
            return False
        for call in actors.answered([*by_call], _TICK_SECONDS):
            by_call[call].take(call)
        return True

    def _report(self, placed: Sequence[PlacedUnit], names: set[str]) -> None:
        if report_changes(
            self._records, placed, self._units, lambda one: _name(one.id) not in names
        ):
            self._controller.wake()


def _name(placed_id: int) -> str:
    return f"{_NAME}{placed_id}"
