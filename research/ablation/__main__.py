"""Lists the experiments and runs those without an outcome."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product

from bench.image_sets import missing_sets
from bench.isolated import outcome_of
from bench.localization.sets import folder_and_part
from rich.console import Console

from research.ablation.experiment import ExperimentTask
from research.ablation.report import table
from research.ablation.results import KEPT, Experiment, Outcome
from research.ablation.variants import VARIANTS

_console = Console()


def main() -> None:
    """Train the missing experiments and print the table; ends with 1 when a training failed."""
    options = _options(sys.argv[1:])
    tasks = [] if options.table else list(_missing(options))
    if absent := missing_sets(folder_and_part(task.experiment.set)[0] for task in tasks):
        _console.print(f"No set {absent} in LENSMITH_DATA; see the README. Skipped.")
        return
    with ThreadPoolExecutor(options.at_once) as threads:
        succeeded = all(list(threads.map(_train, tasks)))
    kept = [one for one in KEPT.read() if one.experiment.iterations == options.iterations]
    _console.print(table(kept) if kept else "No results yet.")
    if not succeeded:
        sys.exit(1)


def _options(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser("python -m research.ablation")
    add = parser.add_argument
    add(
        "--sets",
        default="cards40,bccd40",
        help="folders of LENSMITH_DATA with a number of pictures",
    )
    add("--variants", default=",".join(VARIANTS))
    add("--seeds", default="0")
    add("--iterations", type=int, default=400)
    add("--at-once", type=int, default=2, help="trainings, each on one thread")
    add("--table", action="store_true", help="print the results that there are, train nothing")
    options = parser.parse_args(arguments)
    options.sets = options.sets.split(",")
    options.variants = options.variants.split(",")
    options.seeds = [int(seed) for seed in options.seeds.split(",")]
    return options


def _missing(options: Namespace) -> Iterator[ExperimentTask]:
    done = {one.experiment for one in KEPT.read()}
    for seed, variant, name in product(options.seeds, options.variants, options.sets):
        experiment = Experiment(name, options.iterations, variant, seed)
        folder, part = folder_and_part(name)
        if experiment not in done:
            yield ExperimentTask(experiment, str(folder), part)


def _train(task: ExperimentTask) -> bool:
    """Train one experiment in a fresh process and keep its outcome; whether it succeeded."""
    outcome = outcome_of(
        "research.ablation.experiment", task, Outcome, one_thread=True, console=_console
    )
    name = f"{task.experiment.variant} on {task.experiment.set}, seed {task.experiment.seed}"
    if outcome is None:
        _console.print(f"{name}: failed", style="red")
        return False
    KEPT.add(outcome)
    _console.print(f"{name}: AP50 {outcome.ap50:.3f}", highlight=False)
    return True


if __name__ == "__main__":
    main()
