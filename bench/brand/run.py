"""Trains on the logos of a set for each seed and tabulates all outcomes."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.brand.experiment import ExperimentTask, read_labels
from bench.brand.results import KEPT, Experiment, Outcome
from bench.isolated import outcome_of

COLUMNS = (
    "seed",
    "AP50",
    "AP50:95",
    "F1",
    "medium",
    "large",
    "close",
    "false alarms",
    "s",
    "CPU s",
)

_console = Console()


def main() -> None:
    """Train on the set, print all outcomes; ends with 1 when a training failed."""
    options = _options()
    if not (options.folder / "close.manifest").exists():
        _console.print(f"No set in {options.folder}: python -m research.brand_set makes one.")
        sys.exit(1)
    marks = ",".join(read_labels(options.folder))
    succeeded = [_train(marks, seed, options) for seed in options.seeds]
    _console.print(_table(KEPT.read()))
    if not all(succeeded):
        sys.exit(1)


def _options() -> Namespace:
    parser = ArgumentParser("python -m bench brand")
    add = parser.add_argument
    add("--folder", type=Path, required=True, help="a set of python -m research.brand_set")
    add("--seeds", default="0", type=lambda text: [int(one) for one in text.split(",")])
    add("--threads", type=int, default=0, help="of a training; 0 means every core")
    add("--minutes", type=float, help="budget of a training; the recipe's own if not given")
    return parser.parse_args(sys.argv[1:])


def _train(marks: str, seed: int, options: Namespace) -> bool:
    """Train in a fresh process and keep the outcome; whether it succeeded."""
    budget = None if options.minutes is None else options.minutes * 60
    outcome = outcome_of(
        "bench.brand.experiment",
        ExperimentTask(Experiment(marks, seed), str(options.folder), options.threads, budget),
        Outcome,
        one_thread=options.threads == 1,
        console=_console,
    )
    if outcome is not None:
        KEPT.add(outcome)
    return outcome is not None


def _table(outcomes: list[Outcome]) -> Table:
    table = Table("marks")
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for one in outcomes:
        table.add_row(
            _short(one.experiment.marks),
            str(one.experiment.seed),
            *(f"{figure:.3f}" for figure in (one.ap50, one.ap50_95, one.macro_f1)),
            *(f"{one.by_size[size]:.3f}" for size in ("medium", "large")),
            f"{one.close_ap50:.3f}",
            f"{one.false_alarms} in {one.empty_scenes}",
            f"{one.seconds:.0f}",
            f"{one.cpu_seconds:.0f}",
        )
    return table


def _short(marks: str) -> str:
    first, *others = marks.split(",")
    return f"{first} + {len(others)}"
