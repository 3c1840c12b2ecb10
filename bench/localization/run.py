"""Which cells there are, and a training for each that is not there yet."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

from rich.console import Console

from bench.image_sets import missing_sets
from bench.isolated import outcome_of
from bench.localization.cell import CellTask
from bench.localization.report import table
from bench.localization.results import KEPT, Cell, Outcome, same_training
from bench.localization.sets import folder_and_part

MOST_MINUTES_OF_A_PART = 5.0  # few pictures are for those who want to see something soon

_console = Console()


def main() -> None:
    """Train the missing cells and print the table; ends with 1 when a training failed."""
    options = _options(sys.argv[1:])
    tasks = list(_tasks(options))
    missing = missing_sets(Path(task.folder) for task in tasks)
    if missing and not options.table:
        _console.print(f"No set {missing} in LENSMITH_DATA; see the README. Skipped.")
        return
    succeeded = options.table or _train(tasks, again=options.again)
    wanted = {task.cell.set for task in tasks}
    kept = [one for one in KEPT.read() if one.cell.set in wanted]
    _console.print(table(kept) if kept else "No results yet.")
    if not succeeded:
        sys.exit(1)


def _options(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser("python -m bench localization")
    add = parser.add_argument
    add("--sets", default="bccd,cards,carlogo,cards40", help="folders of LENSMITH_DATA, or paths")
    add("--minutes", default="5,10,20", help="time budgets; parts of sets have 5 at most")
    add("--seeds", default="0,1")
    add("--threads", type=int, default=2, help="of a training; one training runs at a time")
    add("--again", action="store_true", help="train cells that have a result too")
    add("--table", action="store_true", help="print the results that there are, train nothing")
    options = parser.parse_args(arguments)
    options.sets = options.sets.split(",")
    options.minutes = sorted(map(float, options.minutes.split(",")))
    options.seeds = sorted(map(int, options.seeds.split(",")))
    return options


def _train(tasks: Sequence[CellTask], *, again: bool) -> bool:
    """Train what is missing; whether all of it succeeded."""
    done = {} if again else {one.cell: one for one in KEPT.read()}
    succeeded = True
    for task in tasks:
        if task.cell in done:
            continue
        outcome = same_training(task.cell, done.values()) or _trained(task)
        if outcome is None:
            succeeded = False
        else:
            done[task.cell] = outcome
            KEPT.add(outcome)
    return succeeded


def _tasks(options: Namespace) -> Iterator[CellTask]:
    """Short budgets before long ones, which may not need a training then."""
    for name, seed, minutes in product(options.sets, options.seeds, options.minutes):
        folder, part = folder_and_part(name)
        if part is None or minutes <= MOST_MINUTES_OF_A_PART:
            cell = Cell(f"{folder.name}{part or ''}", minutes, seed)
            yield CellTask(cell, str(folder), part, options.threads)


def _trained(task: CellTask) -> Outcome | None:
    """Train one cell in a fresh process; None when it failed."""
    outcome = outcome_of(
        "bench.localization.cell", task, Outcome, one_thread=task.threads == 1, console=_console
    )
    told = f"{task.cell.set}, {task.cell.minutes:g} minutes, seed {task.cell.seed}"
    if outcome is None:
        _console.print(f"{told}: failed", style="red")
        return None
    _console.print(
        f"{told}: AP50 {outcome.ap50:.3f}, {outcome.seconds:.0f} s, {outcome.stopped}",
        highlight=False,
    )
    return outcome
