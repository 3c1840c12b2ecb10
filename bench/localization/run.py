"""Lists the experiments and runs those without an outcome."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

from rich.console import Console

from bench.image_sets import missing_sets
from bench.isolated import outcome_of
from bench.localization.experiment import ExperimentTask
from bench.localization.report import table
from bench.localization.results import (
    KEPT,
    LENSMITH,
    METHODS,
    Experiment,
    Outcome,
    same_training,
)
from bench.localization.sets import folder_and_part
from bench.localization.time_spent import ProfileTask, TimeSpent
from bench.localization.time_spent import table as time_table

MOST_MINUTES_OF_A_PART = 5.0  # few pictures are for those who want to see something soon

_console = Console()


def main() -> None:
    """Train the missing experiments and print the table; ends with 1 when a training failed."""
    options = _options(sys.argv[1:])
    tasks = list(_tasks(options))
    missing = missing_sets(Path(task.folder) for task in tasks)
    if missing and not options.table:
        _console.print(f"No set {missing} in LENSMITH_DATA; see the README. Skipped.")
        return
    if options.profile:
        _profile(options.sets, options.iterations)
        return
    succeeded = options.table or _train(tasks, again=options.again)
    wanted = {task.experiment.set for task in tasks}
    kept = [one for one in KEPT.read() if one.experiment.set in wanted]
    _console.print(table(kept) if kept else "No results yet.")
    if not succeeded:
        sys.exit(1)


def _options(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser("python -m bench localization")
    add = parser.add_argument
    add("--sets", default="bccd,cards,carlogo,cards40", help="folders of LENSMITH_DATA, or paths")
    add("--pictures", nargs="+", default=[], help="parts of the sets: cards and 10 are cards10")
    add("--minutes", default="5,10,20", help="budgets; of several, parts of sets have 5 at most")
    add("--seeds", default="0,1")
    add("--methods", default=LENSMITH, help=f"some of {','.join(METHODS)}")
    add("--threads", type=int, default=2, help="of a training; one training runs at a time")
    add("--again", action="store_true", help="train experiments that have a result too")
    add("--table", action="store_true", help="print the results that there are, train nothing")
    add("--profile", action="store_true", help="print where the time of a training goes instead")
    add("--iterations", type=int, default=60, help="of a training whose time is divided")
    options = parser.parse_args(arguments)
    names = options.sets.split(",")
    options.sets = [f"{name}{count}" for name, count in product(names, options.pictures or [""])]
    options.minutes = sorted(map(float, options.minutes.split(",")))
    options.seeds = sorted(map(int, options.seeds.split(",")))
    options.methods = options.methods.split(",")
    if unknown := set(options.methods) - set(METHODS):
        parser.error(f"no such method: {', '.join(sorted(unknown))}")
    return options


def _profile(sets: Sequence[str], iterations: int) -> None:
    """Divide the time of one training on each set; ends with 1 when one fails."""
    spent = {}
    for name in sets:
        folder, part = folder_and_part(name)
        task = ProfileTask(str(folder), part, iterations)
        outcome = outcome_of(
            "bench.localization.time_spent", task, TimeSpent, one_thread=True, console=_console
        )
        if outcome is None:
            sys.exit(1)
        spent[folder.name] = outcome
    _console.print(time_table(spent))


def _train(tasks: Sequence[ExperimentTask], *, again: bool) -> bool:
    """Train what is missing; whether all of it succeeded."""
    done = {} if again else {one.experiment: one for one in KEPT.read()}
    succeeded = True
    for task in tasks:
        if task.experiment in done:
            continue
        outcome = same_training(task.experiment, done.values()) or _trained(task)
        if outcome is None:
            succeeded = False
        else:
            done[task.experiment] = outcome
            KEPT.add(outcome)
    return succeeded


def _tasks(options: Namespace) -> Iterator[ExperimentTask]:
    """Short budgets before long ones, which may not need a training then."""
    for name, seed, method, minutes in product(
        options.sets, options.seeds, options.methods, options.minutes
    ):
        folder, part = folder_and_part(name)
        asked = len(options.minutes) == 1
        if part is None or asked or minutes <= MOST_MINUTES_OF_A_PART:
            experiment = Experiment(f"{folder.name}{part or ''}", minutes, seed, method)
            yield ExperimentTask(experiment, str(folder), part, options.threads)


def _trained(task: ExperimentTask) -> Outcome | None:
    """Train one experiment in a fresh process; None when it failed."""
    outcome = outcome_of(
        "bench.localization.experiment",
        task,
        Outcome,
        one_thread=task.threads == 1,
        console=_console,
    )
    name = (
        f"{task.experiment.set}, {task.experiment.minutes:g} minutes, seed {task.experiment.seed}, "
        f"{task.experiment.method}"
    )
    if outcome is None:
        _console.print(f"{name}: failed", style="red")
        return None
    _console.print(
        f"{name}: AP50 {outcome.ap50:.3f}, {outcome.seconds:.0f} s, {outcome.stopped}",
        highlight=False,
    )
    return outcome
