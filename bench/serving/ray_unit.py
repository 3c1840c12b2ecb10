"""Asks a unit on a Ray node and one of this machine in turns: `python -m bench ray_unit`.

Both by TCP, with the model and the files of `remote_unit`. The cluster is a head and a node of its
own on this machine.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table
from tests.support.artefacts import average_colour
from tests.support.ray_cluster import ray_cluster

from bench.serving.remote_unit import SIZES, milliseconds
from lensmith import __version__
from lensmith.ray_cluster.actors import NamedActors, Resources
from lensmith.ray_cluster.connection import RayConnection
from lensmith.serving.ray.actor import UnitActor
from lensmith.serving.ray.order import UnitOrder, UnitReport
from lensmith.serving.remote.credentials import credentials_of
from lensmith.serving.remote.tls import connecting_context
from lensmith.serving.remote.unit import RemoteUnit
from lensmith.serving.unit import Unit
from lensmith.serving.unit_command import Listening
from lensmith.store.published.index import Index
from lensmith.store.published.linked import LinkedFolder

_HOST, _VERSION = "127.0.0.1", 1
_CREDENTIALS = credentials_of(bytes(32))
_CONNECT_SECONDS = 120.0


async def measure(own: tuple[str, int], on_ray: tuple[str, int], rounds: int) -> Table:
    """Ask in turns, so that other work on the machine meets both."""
    context = connecting_context(_CREDENTIALS)
    units = [await RemoteUnit.connect(where, context, _VERSION) for where in (own, on_ray)]
    table = Table("file", "own unit, ms", "unit on Ray, ms", "unit on Ray p95, ms", "more, ms")
    for name, (size, _) in SIZES.items():
        body = bytes(size)
        found: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds + 5):
            for unit, times in zip(units, found, strict=True):
                times.append(await milliseconds(unit.predict, body))
        near, far = (times[5:] for times in found)  # the first fill caches and buffers
        table.add_row(
            name,
            f"{median(near):.2f}",
            f"{median(far):.2f}",
            f"{quantiles(far, n=20)[-1]:.2f}",
            f"{median(far) - median(near):+.2f}",
        )
    for unit in units:
        unit.kill()
    return table


def _order(folder: Path) -> UnitOrder:
    index = Index.of(folder)
    data, digest = index.encode()
    links = {file.name: (folder / file.name).as_uri() for file in index.files}
    model = LinkedFolder(digest, data, links)
    return UnitOrder(__version__, _VERSION, model, _CREDENTIALS, None, None, 1 << 30)


def _started(actors: NamedActors, order: UnitOrder) -> tuple[Any, tuple[str, int]]:
    """Return an actor whose unit is ready, and its address."""
    node = next(node for node in actors.nodes() if node.resources.get("CPU"))
    wanted = Resources(1, 0, 300 << 20)
    actor = actors.find_or_create("unit", node.id, wanted, node.host, 1)
    actors.answer(actor.supply.remote(order))
    report = UnitReport()
    while report.port is None:
        report = actors.answer(actor.await_change.remote(report.number, 20.0))
    return actor, (node.host, report.port)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench ray_unit", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    given = parser.parse_args()
    with TemporaryDirectory() as name, ray_cluster({}) as cluster:
        folder = Path(name)
        average_colour(folder / "model")
        order = _order(folder / "model")
        cluster.start_node()
        connection = RayConnection(cluster.address, str(cluster.token_file))
        connection.start()
        connection.wait(_CONNECT_SECONDS)
        listening = Listening(_HOST, _CREDENTIALS, _VERSION)
        own = Unit.launch(folder / "model", 1, folder / "log", listening=listening)
        try:
            own.await_ready(60)
            assert own.port is not None
            with connection.session() as session:
                actor, address = _started(NamedActors(session, "bench", UnitActor), order)
                table = uvloop.run(measure((_HOST, own.port), address, given.rounds))
                actor.leave.remote()
        finally:
            own.shut_down()
            own.wait()
            connection.stop()
    Console().print(table)


if __name__ == "__main__":
    main()
