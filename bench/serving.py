"""Pictures a second through Lensmith, against the bare loop and two other servers.

`python -m bench serving` prints the table and writes bench/results/serving.json;
`python -m bench.serving --quick` takes two minutes, `--help` names what can be left out.

(a) is decoding and ONNX Runtime in a loop, one process a unit: the limit. The others get the same
file over HTTP from a process that sends prepared bytes; one row a picture goes through boto3. Every
cell is measured after a warm-up.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.detection.hosts import HOSTS, Host, Model
from bench.detection.limit import bare
from bench.detection.measured import Measured
from bench.detection.pictures import SIZES, photo

KINDS = ("classifier", "detector")
SYSTEMS = ("bare", *HOSTS)
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and for how long each."""

    kinds: list[str]
    pictures: list[str]
    units: list[int]
    connections: list[int]
    systems: list[str]
    seconds: float
    warm_up: float


@dataclass(frozen=True, slots=True)
class Cell:
    kind: str
    picture: str
    units: int
    connections: int
    system: str


Row = dict[str, Any]

_FIGURES = {
    "connections": "at once",
    "refused": "refused",
    "per_second": "a second",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "server_cpu_ms": "CPU ms",
    "client_cpu_ms": "client",
    "share_of_bare": "of bare",
}
"""Column of a row, and its heading."""


def main() -> None:
    plan = _plan()
    console = Console()
    for name in _absent():
        console.print(f"{name} is left out: pip install 'lensmith[bench]' brings it.")
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        _make_models(folder)
        for name in plan.pictures:
            (folder / f"{name}.jpg").write_bytes(photo(SIZES[name]))
        rows = list(_measured(plan, folder, console))
    console.print(*_tables(rows))
    RESULTS.mkdir(exist_ok=True)
    result = {"cores": os.cpu_count(), "load_average": os.getloadavg(), "rows": rows}
    (RESULTS / "serving.json").write_text(json.dumps(result, indent=1))


def _plan() -> Plan:
    parser = argparse.ArgumentParser(prog="python -m bench.serving")
    parser.add_argument("--quick", action="store_true", help="few cells, one second each")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--pictures", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--units", nargs="+", type=int)
    parser.add_argument("--connections", nargs="+", type=int)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--seconds", type=float, help="of every cell")
    given = parser.parse_args()
    return Plan(
        kinds=given.kinds,
        pictures=given.pictures,
        units=given.units or ([2] if given.quick else [1, 2]),
        connections=given.connections or ([1, 8] if given.quick else [1, 4, 8, 32]),
        systems=[name for name in given.systems if name not in _absent()],
        seconds=given.seconds or (1.0 if given.quick else 1.5),
        warm_up=0.5,
    )


def _absent() -> list[str]:
    """Systems whose packages are not installed."""
    packages = {"FastAPI": "fastapi", "LitServe": "litserve"}
    return [name for name, package in packages.items() if find_spec(package) is None]


def _make_models(folder: Path) -> None:
    # A process of its own: nothing that is measured here shares memory with PyTorch.
    subprocess.run(
        [sys.executable, "-m", "bench.detection.models", str(folder / "models")], check=True
    )


def _measured(plan: Plan, folder: Path, console: Console) -> Iterator[Row]:
    for kind in plan.kinds:
        for units in plan.units:
            model = Model(folder / "models" / kind, units)
            for row in _of_model(plan, folder, model):
                console.print(" ".join(str(value) for value in row.values()))
                yield row


def _of_model(plan: Plan, folder: Path, model: Model) -> Iterator[Row]:
    limits: dict[tuple[str, int], float] = {}
    for system in plan.systems:
        for cell, measured in _of_system(plan, folder, model, system):
            place = (cell.picture, cell.connections)
            if system == "bare":
                limits[place] = measured.per_second
            yield _row(cell, measured, limits.get(place))


def _of_system(
    plan: Plan, folder: Path, model: Model, system: str
) -> Iterator[tuple[Cell, Measured]]:
    """Every picture and number of connections, on one start of the system."""
    cells = [
        Cell(model.directory.name, picture, model.units, connections, system)
        for picture in plan.pictures
        for connections in plan.connections
    ]
    if system == "bare":
        for cell in cells:
            processes = min(cell.units, cell.connections)
            file = folder / f"{cell.picture}.jpg"
            yield cell, bare(model, file, processes, plan.warm_up, plan.seconds)
        return
    with HOSTS[system](folder / "home", model) as host:
        for cell in cells:
            yield cell, _loaded(plan, folder, cell, host)
            if host.version_arn and cell.connections == 1:
                through = replace(cell, system=f"{system}, boto3")
                yield through, _through_boto3(plan, folder, through, host)


def _loaded(plan: Plan, folder: Path, cell: Cell, host: Host) -> Measured:
    """What a server does under the load of one cell."""
    request = folder / "request"
    request.write_bytes(host.request((folder / f"{cell.picture}.jpg").read_bytes()))
    given = ("127.0.0.1", host.port, request, cell.connections, plan.warm_up, plan.seconds)
    done = subprocess.run(
        [sys.executable, "-m", "bench.detection.load", *map(str, (*given, host.pid))],
        check=True,
        capture_output=True,
    )
    return Measured(**json.loads(done.stdout))


def _through_boto3(plan: Plan, folder: Path, cell: Cell, host: Host) -> Measured:
    """The same with a client that signs every call."""
    given = (host.version_arn, folder / f"{cell.picture}.jpg", plan.warm_up, plan.seconds, host.pid)
    done = subprocess.run(
        [sys.executable, "-m", "bench.detection.through_boto3", *map(str, given)],
        env=dict(host.environment),
        check=True,
        capture_output=True,
    )
    return Measured(**json.loads(done.stdout))


def _row(cell: Cell, measured: Measured, limit: float | None) -> Row:
    share = round(measured.per_second / limit, 3) if limit else None
    return {
        "kind": cell.kind,
        "picture": cell.picture,
        "units": cell.units,
        "connections": cell.connections,
        "system": cell.system,
        **measured.as_row(),
        "share_of_bare": share,
    }


def _tables(rows: list[Row]) -> Iterator[Table]:
    """One for each model, picture and number of units."""
    for (kind, picture, units), some in groupby(rows, itemgetter("kind", "picture", "units")):
        title = f"{kind}, {picture}, units: {units}"
        table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
        table.add_column("system", no_wrap=True)
        for heading in _FIGURES.values():
            table.add_column(heading, justify="right")
        for row in some:
            table.add_row(row["system"], *(_written(row[name]) for name in _FIGURES))
        yield table


def _written(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


if __name__ == "__main__":
    main()
