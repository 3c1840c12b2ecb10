"""Decides what the leader changes in the records; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.serving.placement import ModelUnits, Node, Placement, place
from lensmith.store.records.nodes import ClusterNode
from lensmith.store.records.placed_units import PlacedUnit, UnitState

UNIT_BYTES = 320 << 20
"""Memory that a unit is counted with; one of a classifier has about 150 MB resident."""

_FAILED_AGAIN_MS = 600_000  # until a node tries again what it could not start
_PRESENT = (UnitState.WANTED, UnitState.READY)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One hosted version, with the units that it should have."""

    version: ProjectVersion
    units: int
    minimum: int
    is_drained: bool = False  # no request is left; of versions that are stopping


@dataclass(slots=True)
class Changes:
    """Changes of the records."""

    placed: list[tuple[int, str]] = field(default_factory=list)  # version and node of new units
    dismissed: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    statuses: list[tuple[ProjectVersion, VersionStatus, str | None]] = field(default_factory=list)
    without_room: int = 0  # units


def plan(
    wanted: Sequence[Wanted], alive: Sequence[ClusterNode], units: Sequence[PlacedUnit]
) -> Changes:
    """Compare what is wanted with what there is.

    `alive` are the nodes that were seen lately. Units of others are forgotten and come up
    elsewhere. A unit that is to leave does so once its replacement is ready.
    """
    changes = Changes()
    names = {node.name for node in alive}
    of_version: dict[int, list[PlacedUnit]] = defaultdict(list)
    for unit in units:
        if unit.node not in names or _is_old_failure(unit):
            changes.removed.append(unit.id)
        else:
            of_version[unit.version_id].append(unit)
    running = [one for one in wanted if one.version.status is not VersionStatus.STOPPING]
    target = place(
        [_model(one, of_version[one.version.id]) for one in running],
        [Node(node.name, node.memory_bytes, node.is_draining) for node in alive],
        {str(version_id): _nodes_of(found) for version_id, found in of_version.items()},
    )
    for one in running:
        _follow(one, target, of_version[one.version.id], alive, changes)
    for one in wanted:
        if one.version.status is VersionStatus.STOPPING:
            _stop(one, of_version[one.version.id], changes)
    hosted = {one.version.id for one in wanted}
    for version_id, found in of_version.items():
        if version_id not in hosted:
            _end(found, changes)
    return changes


def _model(one: Wanted, units: Sequence[PlacedUnit]) -> ModelUnits:
    return ModelUnits(str(one.version.id), one.units, UNIT_BYTES, _failed_on(units))


def _nodes_of(units: Sequence[PlacedUnit]) -> tuple[str, ...]:
    return tuple(unit.node for unit in units if unit.state in _PRESENT)


def _failed_on(units: Sequence[PlacedUnit]) -> frozenset[str]:
    return frozenset(unit.node for unit in units if unit.state is UnitState.FAILED)


def _is_old_failure(unit: PlacedUnit) -> bool:
    return unit.state is UnitState.FAILED and unit.age_ms > _FAILED_AGAIN_MS


def _follow(
    one: Wanted,
    target: Placement,
    units: Sequence[PlacedUnit],
    alive: Sequence[ClusterNode],
    changes: Changes,
) -> None:
    """Bring the units of one version to where they should be, and its status with them."""
    version = one.version
    nodes = target[str(version.id)]
    ready = sum(unit.state is UnitState.READY for unit in units)
    changes.without_room += one.units - len(nodes)
    failure = _failure(units, alive) or _shortage(one, nodes, alive)
    if failure is not None:
        changes.statuses.append((version, VersionStatus.FAILED, failure))
        _end(units, changes)
        return
    if version.status is VersionStatus.STARTING and ready >= one.minimum:
        changes.statuses.append((version, VersionStatus.RUNNING, None))
    there = Counter(_nodes_of(units))
    missing = Counter(nodes) - there
    changes.placed += [(version.id, node) for node in sorted(missing.elements())]
    changes.dismissed += _superfluous(units, there - Counter(nodes), ready - len(nodes))


def _takers(alive: Sequence[ClusterNode]) -> set[str]:
    return {node.name for node in alive if not node.is_draining}


def _shortage(one: Wanted, nodes: Sequence[str], alive: Sequence[ClusterNode]) -> str | None:
    """Return why a version cannot start: the nodes have no memory for its least units."""
    if one.version.status is not VersionStatus.STARTING or not _takers(alive):
        return None
    if len(nodes) >= one.minimum:
        return None
    return (
        f"There is memory for {len(nodes)} of {one.minimum} inference units, on machines of their "
        "own where there are several."
    )


def _failure(units: Sequence[PlacedUnit], alive: Sequence[ClusterNode]) -> str | None:
    """Return why a version cannot run: every node that takes units has tried."""
    failed = [unit for unit in units if unit.state is UnitState.FAILED]
    takers = _takers(alive)
    if not failed or not takers <= _failed_on(units) or _nodes_of(units):
        return None
    return failed[-1].reason


def _superfluous(
    units: Sequence[PlacedUnit], too_many: Mapping[str, int], spare: int
) -> Iterator[int]:
    """Yield units to dismiss: those not ready at once, ready ones while `spare` are left."""
    left = Counter(too_many)
    for unit in sorted(units, key=lambda unit: (unit.state is UnitState.READY, -unit.id)):
        if unit.state not in _PRESENT or not left[unit.node]:
            continue
        if unit.state is UnitState.READY:
            if spare <= 0:
                continue
            spare -= 1
        left[unit.node] -= 1
        yield unit.id


def _stop(one: Wanted, units: Sequence[PlacedUnit], changes: Changes) -> None:
    if not units:
        changes.statuses.append((one.version, VersionStatus.STOPPED, None))
    elif one.is_drained:
        _end(units, changes)


def _end(units: Sequence[PlacedUnit], changes: Changes) -> None:
    changes.removed += [unit.id for unit in units if unit.state is UnitState.FAILED]
    changes.dismissed += [unit.id for unit in units if unit.state in _PRESENT]
