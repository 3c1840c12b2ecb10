"""Pictures a second through Lensmith, against the bare loop and two other servers.

`python -m bench serving` prints the tables. Every sheet (a model, a picture, a number of units) is
kept in bench/results/serving.json once it is whole, so that a run that was interrupted goes on
where it stopped. `--quick` takes three minutes and keeps nothing; `--help` names what can be left
out.

The bare loop is decoding and ONNX Runtime in float32, one process a unit, against which shares are
taken; `bare int8` is the same in INT8, which Lensmith and the others serve. The others get the same
file over HTTP from a process that sends prepared bytes; one row a picture goes through boto3. All
stand ready at once and take turns in short rounds, each after a warm-up; what is shown is the
median of the rounds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from importlib.util import find_spec
from itertools import product
from pathlib import Path

from rich.console import Console

from bench.serving.hosts.servers import Model
from bench.serving.measured import Measured
from bench.serving.outcomes import KEPT, Experiment, Outcome, Sheet, tables
from bench.serving.pictures import SIZES, photo
from bench.serving.rounds import AGAINST, LOOPS, SYSTEMS, Turns, contenders, shares, take_turns
from lensmith.domain.precision import Precision, ProcessorFeature
from lensmith.inference.choice import runtimes_here
from lensmith.inference.processor import processor_features
from lensmith.inference.variant import OPENVINO

KINDS = ("classifier", "detector")
_NEEDED = {
    Precision.INT8: "a processor with VNNI",
    Precision.BFLOAT16: "lensmith[openvino] and a processor with bfloat16",
}

_WARM_UP_SECONDS = 0.25

_console = Console()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and for how long each."""

    sheets: list[Sheet]
    connections: list[int]
    systems: list[str]
    turns: Turns
    precision: Precision | None
    against: Path | None


def main() -> None:
    options = _options()
    for name, missing in _absent().items():
        _console.print(f"{name} is left out: it needs {missing}.", markup=False)
    outcomes = [] if options.table else _measure(_plan(options), keep=not options.quick)
    _console.print(*tables(outcomes if options.quick else KEPT.read()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench serving")
    add = parser.add_argument
    add("--quick", action="store_true", help="few experiments, nothing is kept")
    add("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    add("--pictures", nargs="+", choices=SIZES, default=list(SIZES))
    add("--units", nargs="+", type=int)
    add("--connections", nargs="+", type=int)
    add("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    add("--precision", type=Precision, choices=_computed_here(), help="instead of the fastest")
    add("--rounds", type=int, help="turns of every system in every experiment")
    add("--seconds", type=float, default=0.8, help="of every turn")
    add("--against", type=Path, metavar="SRC", help="the src folder of another Lensmith, beside it")
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
    done = set() if quick or options.again else {one.experiment.sheet for one in KEPT.read()}
    return Plan(
        sheets=[sheet for sheet in sheets if sheet not in done],
        connections=options.connections or ([1, 8] if quick else [1, 8, 32]),
        systems=[
            *(name for name in options.systems if name not in _absent()),
            *([AGAINST] if options.against else []),
        ],
        precision=options.precision,
        against=options.against,
        turns=Turns(options.rounds or (2 if quick else 3), _WARM_UP_SECONDS, options.seconds),
    )


def _absent() -> dict[str, str]:
    """List systems that cannot run here, with what they need."""
    packages = ("FastAPI", "LitServe")
    uninstalled = tuple(package for package in packages if find_spec(package.lower()) is None)
    servers = {name: "lensmith[bench]" for name in SYSTEMS if name.startswith(uninstalled)}
    computed = _computed_here()
    loops = {
        name: _NEEDED[precision] for name, precision in LOOPS.items() if precision not in computed
    }
    return {**loops, **servers}


def _computed_here() -> list[Precision]:
    """List precisions that the models of this bench have and this machine runs."""
    features = processor_features()
    runs = {
        Precision.FLOAT32: True,
        Precision.INT8: ProcessorFeature.VNNI in features,
        Precision.BFLOAT16: OPENVINO in runtimes_here() and ProcessorFeature.BFLOAT16 in features,
    }
    return [precision for precision in Precision if runs[precision]]


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
        [sys.executable, "-m", "bench.serving.models", str(folder / "models")], check=True
    )


def _of_sheet(plan: Plan, folder: Path, sheet: Sheet) -> Iterator[Outcome]:
    model = Model(folder / "models" / sheet.kind, sheet.units, plan.precision)
    with contenders(plan.systems, model, folder / "picture.jpg", plan.against) as measures:
        for connections in plan.connections:
            rounds = take_turns(measures, connections, plan.turns)
            for place, system in enumerate(rounds[0]):
                measured = Measured.median_of([one[system] for one in rounds])
                _console.print(*astuple(sheet), system, connections, measured.per_second)
                experiment = Experiment(sheet, place, system, connections)
                load = round(os.getloadavg()[0], 2)
                yield Outcome(experiment, measured, shares(rounds, system), load)


if __name__ == "__main__":
    main()
