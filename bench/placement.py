"""Simulates 1,000 models on 100 nodes: `python -m bench placement`.

The functions are those of the leader, `serving.placement.place` and `serving.scaler.desired_units`;
machines and load are drawn. Time is counted in steps of half a second.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from rich.console import Console
from rich.table import Table

from lensmith.serving.placement import ModelUnits, Node, Placement, place
from lensmith.serving.scaler import SAMPLE_SECONDS, Sample, UnitRange, desired_units, recent

GIB = 1 << 30
UNIT_BYTES = 320 << 20
UNITS = UnitRange(1, 5)


@dataclass(frozen=True, slots=True)
class Step:
    """One decision: the placement before and after, and nodes that are gone."""

    before: Placement
    after: Placement
    gone: frozenset[str]
    seconds: float

    @property
    def moved(self) -> int:
        """Number of units that left a node which still lives, and came up elsewhere."""
        left = _pairs(self.before) - _pairs(self.after)
        came = Counter(model for model, _ in (_pairs(self.after) - _pairs(self.before)).elements())
        stayed = Counter(model for model, node in left.elements() if node not in self.gone)
        return sum((stayed & came).values())

    @property
    def lost(self) -> int:
        """Number of units on nodes that are gone."""
        return sum(units for (_, node), units in _pairs(self.before).items() if node in self.gone)

    @property
    def wholly_lost(self) -> int:
        """Number of models of two or more units, all of them on nodes that are gone."""
        return sum(len(found) > 1 and set(found) <= self.gone for found in self.before.values())


class Cluster:
    """Nodes, models and their placement; each change is followed by one decision."""

    def __init__(self, models: int, nodes: int, fill: float, rng: random.Random) -> None:
        """Build it with `fill` as the share of memory that two units a model would need."""
        memory = 2 * models * UNIT_BYTES / fill / nodes
        self.nodes = [
            Node(f"node-{one}", round(memory * rng.choice((0.5, 1.0, 1.5)))) for one in range(nodes)
        ]
        self.models = [ModelUnits(f"model-{one}", 2, UNIT_BYTES) for one in range(models)]
        self.placement: Placement = {}

    def decide(self, nodes: Sequence[Node], models: Sequence[ModelUnits] | None = None) -> Step:
        before, alive = self.placement, frozenset(node.name for node in self.nodes)
        self.nodes, self.models = [*nodes], [*(models or self.models)]
        began = time.perf_counter()
        self.placement = place(self.models, self.nodes, before)
        seconds = time.perf_counter() - began
        gone = alive - {node.name for node in self.nodes}
        return Step(before, self.placement, gone, seconds)

    @property
    def missing(self) -> int:
        return sum(model.units - len(self.placement[model.name]) for model in self.models)


def losses(cluster: Cluster, number: int, rng: random.Random) -> Iterator[Step]:
    """One node after another is lost; another one comes after each."""
    for one in range(number):
        lost = rng.choice(cluster.nodes)
        yield cluster.decide([node for node in cluster.nodes if node != lost])
        cluster.decide([*cluster.nodes, replace(lost, name=f"new-{one}")])


def drains(cluster: Cluster, number: int, rng: random.Random) -> Iterator[Step]:
    """Nodes are drained, one at a time, until they are empty, and come back."""
    for _ in range(number):
        drained = replace(rng.choice(cluster.nodes), is_draining=True)
        others = [node for node in cluster.nodes if node.name != drained.name]
        yield cluster.decide([*others, drained])
        cluster.decide([*others, replace(drained, is_draining=False)])


def load(cluster: Cluster, steps: int, rng: random.Random) -> Iterator[Step]:
    """Few models get most of the requests (Zipf), and others every minute."""
    samples: dict[str, list[Sample]] = {model.name: [] for model in cluster.models}
    ranks = [*range(1, len(cluster.models) + 1)]
    for step in range(steps):
        now = step * SAMPLE_SECONDS
        if now % 60 == 0:
            rng.shuffle(ranks)
        models = []
        for model, rank in zip(cluster.models, ranks, strict=True):
            demand = 40 / rank * rng.uniform(0.7, 1.3)
            kept = samples[model.name] = recent([*samples[model.name], Sample(now, demand)], now)
            models.append(replace(model, units=desired_units(kept, model.units, UNITS)))
        yield cluster.decide(cluster.nodes, models)


def main() -> None:
    """Print what each event moves and how long a decision takes."""
    parser = argparse.ArgumentParser(prog="python -m bench placement", description=__doc__)
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--events", type=int, default=50, help="losses and drains, each")
    parser.add_argument("--minutes", type=float, default=2, help="of changing load")
    parser.add_argument("--seed", type=int, default=22)
    given = parser.parse_args()
    table = Table(
        "memory", "event", "decisions", "units lost", "moved without need",
        "wholly lost", "without room", "ms, median", "ms, most", box=None,
    )  # fmt: skip
    for fill in (0.6, 0.97, 1.2):
        rng = random.Random(given.seed)
        cluster = Cluster(given.models, given.nodes, fill, rng)
        _row(table, fill, "first placement", [cluster.decide(cluster.nodes)], cluster)
        steps = [*losses(cluster, given.events, rng)]
        _row(table, fill, "a node is lost", steps, cluster)
        _row(table, fill, "a node is drained", [*drains(cluster, given.events, rng)], cluster)
        steps = [*load(cluster, round(given.minutes * 60 / SAMPLE_SECONDS), rng)]
        _row(table, fill, "load changes", steps, cluster)
    Console().print(table)


def _row(table: Table, fill: float, event: str, steps: list[Step], cluster: Cluster) -> None:
    seconds = [step.seconds for step in steps]
    table.add_row(
        f"{fill:.0%}",
        event,
        f"{len(steps)}",
        f"{sum(step.lost for step in steps)}",
        "" if event == "a node is drained" else f"{sum(step.moved for step in steps)}",
        f"{sum(step.wholly_lost for step in steps)}",
        f"{cluster.missing}",
        f"{1000 * median(seconds):.1f}",
        f"{1000 * max(seconds):.1f}",
    )


def _pairs(placement: Placement) -> Counter[tuple[str, str]]:
    return Counter((model, node) for model, found in placement.items() for node in found)


if __name__ == "__main__":
    main()
