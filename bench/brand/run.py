"""Logos that are only known by themselves, found in photographs."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.brand.brand_set import PHOTO_SETS, write_set
from bench.brand.cell import CellTask
from bench.brand.marks import NAMES, fetch_marks
from bench.brand.results import KEPT, Cell, Outcome
from bench.cells.image_sets import folder_of
from bench.cells.process import outcome_of

SET_SEED = 0

_console = Console()


def main() -> None:
    """Make the set, train on it, print all outcomes; ends with 1 when a training failed."""
    options = _options()
    missing = _missing()
    if missing:
        _console.print(f"Without {missing}: skipped.")
        return
    with tempfile.TemporaryDirectory() as name:
        names = options.marks.split(",")
        folder = (options.folder or Path(name)) / "-".join(names)
        if not (folder / "test.manifest").exists():
            data = Path(os.environ["LENSMITH_DATA"])
            write_set(folder, fetch_marks(Path(name) / "npm", names), data, SET_SEED)
        succeeded = [_train(folder, seed, options) for seed in options.seeds]
    _console.print(_table(KEPT.read()))
    if not all(succeeded):
        sys.exit(1)


def _options() -> Namespace:
    parser = ArgumentParser("python -m bench brand")
    add = parser.add_argument
    add("--seeds", default="0", type=lambda text: [int(one) for one in text.split(",")])
    add("--threads", type=int, default=0, help="of a training; 0 means every core")
    add("--minutes", type=float, help="budget of a training; the recipe's own if not given")
    add("--folder", type=Path, help="keep the set in it, or use the one there")
    add("--marks", default=NAMES, help="slugs of simple-icons")
    return parser.parse_args(sys.argv[1:])


def _missing() -> str:
    """What this benchmark needs and does not find."""
    programs = [name for name in ("node", "npm") if shutil.which(name) is None]
    photographs = [name for name in PHOTO_SETS if not (folder_of(name) / "images").is_dir()]
    return ", ".join(programs + [f"LENSMITH_DATA/{name}" for name in photographs])


def _train(folder: Path, seed: int, options: Namespace) -> bool:
    """Train in a fresh process and keep the outcome; whether it succeeded."""
    budget = None if options.minutes is None else options.minutes * 60
    outcome = outcome_of(
        "bench.brand.cell",
        CellTask(Cell(options.marks, seed), str(folder), options.threads, budget),
        Outcome,
        one_thread=options.threads == 1,
        console=_console,
    )
    if outcome is not None:
        KEPT.add(outcome)
    return outcome is not None


def _table(outcomes: list[Outcome]) -> Table:
    table = Table()
    for column in (
        "marks",
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
    ):
        table.add_column(column, justify="left" if column == "marks" else "right")
    for one in outcomes:
        table.add_row(
            _short(one.cell.marks),
            str(one.cell.seed),
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
