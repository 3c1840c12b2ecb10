"""Pictures a second through Lensmith, against the bare loop and two other servers.

`python -m bench serving` prints the tables. Every sheet (a model, a picture, a number of units) is
kept in bench/results/serving.json once it is whole, so that a run that was interrupted goes on
where it stopped. `--quick` takes two minutes and keeps nothing; `--help` names what can be left
out.

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
from dataclasses import astuple, dataclass, replace
from importlib.util import find_spec
from itertools import product
from pathlib import Path

from rich.console import Console

from bench.detection.hosts import HOSTS, Host, Model
from bench.detection.limit import bare
from bench.detection.measured import Measured
from bench.detection.outcomes import KEPT, Cell, Outcome, Sheet, tables
from bench.detection.pictures import SIZES, photo

KINDS = ("classifier", "detector")
SYSTEMS = ("bare", *HOSTS)

_console = Console()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and for how long each."""

    sheets: list[Sheet]
    connections: list[int]
    systems: list[str]
    seconds: float
    warm_up: float


def main() -> None:
    options = _options()
    for name in _absent():
        _console.print(f"{name} is left out: pip install 'lensmith[bench]' brings it.")
    outcomes = [] if options.table else _measure(_plan(options), keep=not options.quick)
    _console.print(*tables(outcomes if options.quick else KEPT.read()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench serving")
    add = parser.add_argument
    add("--quick", action="store_true", help="few cells, one second each, nothing is kept")
    add("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    add("--pictures", nargs="+", choices=SIZES, default=list(SIZES))
    add("--units", nargs="+", type=int)
    add("--connections", nargs="+", type=int)
    add("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    add("--seconds", type=float, help="of every cell")
    add("--again", action="store_true", help="measure sheets that have a result too")
    add("--table", action="store_true", help="print the results that there are, measure nothing")
    return parser.parse_args()


def _plan(options: argparse.Namespace) -> Plan:
    quick = options.quick
    sheets = [
        Sheet(*each)
        for each in product(
            options.kinds, options.pictures, options.units or ([2] if quick else [1, 2])
        )
    ]
    done = set() if quick or options.again else {one.cell.sheet for one in KEPT.read()}
    return Plan(
        sheets=[sheet for sheet in sheets if sheet not in done],
        connections=options.connections or ([1, 8] if quick else [1, 4, 8, 32]),
        systems=[name for name in options.systems if name not in _absent()],
        seconds=options.seconds or (1.0 if quick else 2.0),
        warm_up=0.5,
    )


def _absent() -> list[str]:
    """Systems whose packages are not installed."""
    packages = {"FastAPI": "fastapi", "LitServe": "litserve"}
    return [name for name, package in packages.items() if find_spec(package) is None]


def _measure(plan: Plan, keep: bool) -> list[Outcome]:
    outcomes: list[Outcome] = []
    if not plan.sheets:
        return outcomes
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        _make_models(folder)
        for sheet in plan.sheets:
            (folder / "picture.jpg").write_bytes(photo(SIZES[sheet.picture]))
            measured = list(_of_sheet(plan, folder, sheet))
            outcomes += measured
            for outcome in measured if keep else []:  # whole, or not at all
                KEPT.add(outcome)
    return outcomes


def _make_models(folder: Path) -> None:
    # A process of its own: nothing that is measured here shares memory with PyTorch.
    subprocess.run(
        [sys.executable, "-m", "bench.detection.models", str(folder / "models")], check=True
    )


def _of_sheet(plan: Plan, folder: Path, sheet: Sheet) -> Iterator[Outcome]:
    limits: dict[int, float] = {}
    for system in plan.systems:
        for cell, measured in _of_system(plan, folder, sheet, system):
            if system == "bare":
                limits[cell.connections] = measured.per_second
            limit = limits.get(cell.connections)
            share = round(measured.per_second / limit, 3) if limit else None
            _console.print(*astuple(sheet), system, cell.connections, measured.per_second)
            yield Outcome(cell, measured, share, round(os.getloadavg()[0], 2))


def _of_system(
    plan: Plan, folder: Path, sheet: Sheet, system: str
) -> Iterator[tuple[Cell, Measured]]:
    """Every number of connections, on one start of the system."""
    model = Model(folder / "models" / sheet.kind, sheet.units)
    place = SYSTEMS.index(system)
    cells = [Cell(sheet, place, system, connections) for connections in plan.connections]
    if system == "bare":
        for cell in cells:
            processes = min(sheet.units, cell.connections)
            picture = folder / "picture.jpg"
            yield cell, bare(model, picture, processes, plan.warm_up, plan.seconds)
        return
    with HOSTS[system](folder / "home", model) as host:
        for cell in cells:
            yield cell, _loaded(plan, folder, cell, host)
            if host.version_arn and cell.connections == 1:
                through = replace(cell, system=f"{system}, boto3")
                yield through, _through_boto3(plan, folder, host)


def _loaded(plan: Plan, folder: Path, cell: Cell, host: Host) -> Measured:
    """What a server does under the load of one cell."""
    request = folder / "request"
    request.write_bytes(host.request((folder / "picture.jpg").read_bytes()))
    given = ("127.0.0.1", host.port, request, cell.connections, plan.warm_up, plan.seconds)
    done = subprocess.run(
        [sys.executable, "-m", "bench.detection.load", *map(str, (*given, host.pid))],
        check=True,
        capture_output=True,
    )
    return Measured(**json.loads(done.stdout))


def _through_boto3(plan: Plan, folder: Path, host: Host) -> Measured:
    """The same with a client that signs every call."""
    given = (host.version_arn, folder / "picture.jpg", plan.warm_up, plan.seconds, host.pid)
    done = subprocess.run(
        [sys.executable, "-m", "bench.detection.through_boto3", *map(str, given)],
        env=dict(host.environment),
        check=True,
        capture_output=True,
    )
    return Measured(**json.loads(done.stdout))


if __name__ == "__main__":
    main()
