"""Ray's nodes as places for units: in the records while they live, whatever the head does."""

from __future__ import annotations

import ssl
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from lensmith.processes.periodic import PeriodicThread
from lensmith.ray_cluster.actors import RayNode, Resources
from lensmith.serving.remote.probe import answers
from lensmith.store.records import nodes, placed_units
from lensmith.store.records.engine import Records
from lensmith.store.records.nodes import ClusterNode
from lensmith.store.records.placed_units import PlacedUnit, UnitState

_PREFIX = "ray-"
_ID_LENGTH = 16  # of a node's 56 hexadecimal digits
_TICK_SECONDS = 1.0
_FRESH_SECONDS = 3.0  # age of what Ray said, until units are asked instead
_ASKED_AT_ONCE = 16


def node_name(node: RayNode) -> str:
    """Return the name under which all servers know a node."""
    return f"{_PREFIX}{node.id[:_ID_LENGTH]}"


def is_of_ray(name: str) -> bool:
    return name.startswith(_PREFIX)


class RayNodes:
    """Reports nodes that live: as Ray says, or while Ray is silent, as their units show."""

    def __init__(
        self,
        records: Records,
        context: ssl.SSLContext,
        resources: Resources,
        leads: Callable[[], bool],
    ) -> None:
        """`context` is of `connecting_context`; `leads` says whether this server reports."""
        self._records = records
        self._context = context
        self._resources = resources
        self._leads = leads
        self._found: Sequence[RayNode] = ()
        self._noted_at = float("-inf")
        self._pool = ThreadPoolExecutor(_ASKED_AT_ONCE, "ask units")
        self._thread = PeriodicThread("ray nodes", self._step, _TICK_SECONDS)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._thread.stop()
        self._pool.shutdown(wait=False)

    def note(self, found: Sequence[RayNode]) -> None:
        """Take what Ray says of its nodes."""
        is_other = _states(found) != _states(self._found)
        self._found, self._noted_at = found, time.monotonic()
        if is_other:
            self._thread.wake()

    def _step(self) -> None:
        if not self._leads():
            return
        found, seconds = self._found, time.monotonic() - self._noted_at
        with self._records.read() as connection:
            known = [node for node in nodes.every(connection) if is_of_ray(node.name)]
            placed = placed_units.every(connection)
        if seconds > _FRESH_SECONDS:
            self._report(self._answering(known, placed), [])
            return
        alive = [
            (node_name(node), node.host, room * self._resources.memory_bytes)
            for node in found
            if node.is_alive and (room := self._resources.room(node.resources))
        ]
        lost = {node_name(node) for node in found if not node.is_alive}
        self._report(alive, [node.name for node in known if node.name in lost])

    def _report(self, alive: Sequence[tuple[str, str, int]], gone: Sequence[str]) -> None:
        with self._records.write() as connection:
            for name, host, memory_bytes in alive:
                nodes.report(connection, name, host, memory_bytes)
            if gone:
                nodes.remove(connection, gone)

    def _answering(
        self, known: Sequence[ClusterNode], placed: Sequence[PlacedUnit]
    ) -> list[tuple[str, str, int]]:
        """Return the nodes of which a unit answers, and those that have none to ask."""
        ready = defaultdict(list)
        for unit in placed:
            if unit.state is UnitState.READY:
                ready[unit.node].append(unit)
        are_there = self._pool.map(lambda node: self._is_there(node, ready[node.name]), known)
        return [
            (node.name, node.host, node.memory_bytes)
            for node, is_there in zip(known, [*are_there], strict=True)
            if is_there
        ]

    def _is_there(self, node: ClusterNode, units: Sequence[PlacedUnit]) -> bool:
        return not units or any(
            answers((node.host, unit.port), self._context, unit.version_id)
            for unit in units
            if unit.port is not None
        )


def _states(found: Sequence[RayNode]) -> dict[str, bool]:
    return {node.id: node.is_alive for node in found}
