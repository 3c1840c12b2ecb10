"""Decides which unit of which model runs on which node; pure, so that a simulation can test it.

A unit stays where it is for as long as its node lives. New ones go by weighted rendezvous hashing
(Thaler and Ravishankar, 1998; weights: Schindelhauer and Schomaker, 2005) with bounded loads
(Mirrokni et al., 2018), so that every server computes the same from the same records.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

Placement = Mapping[str, tuple[str, ...]]
"""The nodes of each model's units, by the model's name; a node stands there once a unit."""

_TOLERATED_LOAD = 1.25  # of the mean, before another node is preferred
_HASH_RANGE = 1 << 64


@dataclass(frozen=True, slots=True)
class Node:
    """A machine that runs units."""

    name: str
    memory_bytes: int  # for units
    is_draining: bool = False  # takes no unit; those it has go elsewhere


@dataclass(frozen=True, slots=True)
class ModelUnits:
    """The units that one model should have."""

    name: str
    units: int
    unit_bytes: int
    avoided: frozenset[str] = frozenset()  # nodes on which a unit of it could not start


def place(models: Sequence[ModelUnits], nodes: Sequence[Node], current: Placement) -> Placement:
    """Compute where every unit should run, given where units run now.

    - A unit on a node that lives and is not draining stays, unless its model wants fewer, or all
      units of its model are on that node and another node has room for one.
    - No node is given more than its memory. First units of all models come first, then second
      ones, and so on; a unit without room is left out.
    - The second unit of a model goes to another node than the first, or nowhere, while there is
      another node. So the loss of one node never takes all of two or more.
    - A unit on a draining node stays there until it has room elsewhere.
    """
    return _Plan(models, nodes, current).compute()


@dataclass(slots=True)
class _Open:
    """A node that takes units, and what is left of its memory."""

    node: Node
    free: int
    limit: float  # of used bytes, until which it is preferred

    @property
    def used(self) -> int:
        return self.node.memory_bytes - self.free


@dataclass(slots=True)
class _Units:
    """The units of one model while they are placed."""

    model: ModelUnits
    kept: list[str]  # on nodes that take units
    leaving: list[str]  # on draining nodes
    scores: dict[str, float] = field(default_factory=dict)

    def score(self, node: Node) -> float:
        found = self.scores.get(node.name)
        if found is None:
            found = self.scores[node.name] = _score(self.model.name, node)
        return found


class _Plan:
    def __init__(
        self, models: Sequence[ModelUnits], nodes: Sequence[Node], current: Placement
    ) -> None:
        draining = {node.name for node in nodes if node.is_draining}
        open_nodes = [node for node in nodes if not node.is_draining]
        self._nodes = {node.name: _Open(node, node.memory_bytes, math.inf) for node in open_nodes}
        self._units = [
            self._present(model, current.get(model.name, ()), draining)
            for model in sorted(models, key=lambda model: model.name)
        ]
        self._bound_loads()

    def compute(self) -> Placement:
        most = max((each.model.units for each in self._units), default=0)
        for number in range(most):
            for each in self._units:
                if len(each.kept) <= number < each.model.units:
                    self._add(each)
        for each in self._units:
            self._spread(each)
        return {each.model.name: _result(each) for each in self._units}

    def _present(self, model: ModelUnits, current: Iterable[str], draining: set[str]) -> _Units:
        """Keep the units of a model, as many as it wants."""
        found = list(current)
        units = _Units(
            model,
            kept=[name for name in found if name in self._nodes],
            leaving=[name for name in found if name in draining],
        )
        while len(units.kept) > model.units:
            units.kept.remove(self._to_end(units))
        for name in units.kept:
            self._nodes[name].free -= model.unit_bytes
        return units

    def _bound_loads(self) -> None:
        memory = sum(each.node.memory_bytes for each in self._nodes.values())
        wanted = sum(each.model.units * each.model.unit_bytes for each in self._units)
        share = _TOLERATED_LOAD * wanted / memory if memory else 0.0
        for each in self._nodes.values():
            each.limit = share * each.node.memory_bytes

    def _to_end(self, units: _Units) -> str:
        """Choose the unit to end: where the model has most, then by the hash."""
        here = Counter(units.kept)
        return max(here, key=lambda name: (here[name], -units.score(self._nodes[name].node), name))

    def _add(self, units: _Units) -> None:
        chosen = self._choose(units, without=self._barred(units))
        if chosen is not None:
            self._nodes[chosen].free -= units.model.unit_bytes
            units.kept.append(chosen)

    def _barred(self, units: _Units) -> str | None:
        """Return the node that has all units of a model, where another can run one."""
        if len(set(units.kept)) != 1:
            return None
        others = self._nodes.keys() - units.model.avoided - {units.kept[0]}
        return units.kept[0] if others else None

    def _choose(self, units: _Units, without: str | None) -> str | None:
        """Choose a node with room: few units of the model, little load, then by the hash."""
        size, here = units.model.unit_bytes, Counter(units.kept)
        able = [
            each
            for name, each in self._nodes.items()
            if each.free >= size and name != without and name not in units.model.avoided
        ]
        best = min(
            able,
            key=lambda each: (
                here[each.node.name],
                each.used + size > each.limit,
                -units.score(each.node),
                each.node.name,
            ),
            default=None,
        )
        return None if best is None else best.node.name

    def _spread(self, units: _Units) -> None:
        """Move one of two or more units that are all on one node, where another has room."""
        barred = self._barred(units)
        if barred is None or len(units.kept) < 2:
            return
        chosen = self._choose(units, without=barred)
        if chosen is not None:
            units.kept.remove(barred)
            self._nodes[barred].free += units.model.unit_bytes
            self._nodes[chosen].free -= units.model.unit_bytes
            units.kept.append(chosen)


def _result(units: _Units) -> tuple[str, ...]:
    missing = max(units.model.units - len(units.kept), 0)
    return (*sorted(units.kept), *sorted(units.leaving)[:missing])


def _score(model: str, node: Node) -> float:
    digest = blake2b(f"{model}\0{node.name}".encode(), digest_size=8).digest()
    fraction = (int.from_bytes(digest) + 0.5) / _HASH_RANGE
    return -max(node.memory_bytes, 1) / math.log(fraction)
