"""Lists the experiments and runs those without an outcome."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from bench.classification.report import tables
from bench.classification.results import ALL, KEPT, Experiment, Outcome
from bench.classification.sets import LabelledImage, few_a_label, read_set
from bench.image_sets import folder_of, missing_sets
from bench.isolated import outcome_of

METHODS = ("lensmith", "frozen", "nearest", "finetune")

_console = Console()


def main() -> None:
    """Train the missing experiments and print the tables; ends with 1 when a training failed."""
    options = _options(sys.argv[1:])
    if options.table:
        return _show(options)
    missing = missing_sets(_folders(options))
    if missing:
        _console.print(f"No set {missing} in LENSMITH_DATA; see the README. Skipped.")
        return None
    succeeded = _train(options)
    _show(options)
    if not succeeded:
        sys.exit(1)
    return None


def _options(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser("python -m bench classification")
    add = parser.add_argument
    add("--sets", default="grocery,cards", help="folders of LENSMITH_DATA, or paths")
    add("--sizes", default=f"3,5,10,20,{ALL}", help="pictures a label")
    add("--pictures-per-label", nargs="+", help="the same, as words", metavar="N")
    add("--seeds", default="0,1,2")
    add("--methods", default=",".join(METHODS))
    add("--parallel", type=int, default=1, help="trainings at once, each on one thread if several")
    add("--again", action="store_true", help="train experiments that have a result too")
    add("--table", action="store_true", help="print the results that there are, train nothing")
    options = parser.parse_args(arguments)
    for name in ("sets", "sizes", "seeds", "methods"):
        setattr(options, name, getattr(options, name).split(","))
    options.sizes = options.pictures_per_label or options.sizes
    unknown = set(options.methods) - set(METHODS)
    if unknown:
        parser.error(f"no such method: {', '.join(sorted(unknown))}")
    return options


def _folders(options: Namespace) -> list[Path]:
    return [folder_of(name) for name in options.sets]


def _train(options: Namespace) -> bool:
    """Train what is missing; whether all of it succeeded."""
    done = set() if options.again else {one.experiment for one in KEPT.read()}
    tasks = [task for task in _tasks(options) if task[0] not in done]
    threads = 0 if options.parallel == 1 else 1
    with ThreadPoolExecutor(options.parallel) as pool:
        return all(list(pool.map(lambda task: _carry_out(task[0], task[1], threads), tasks)))


def _tasks(options: Namespace) -> Iterator[tuple[Experiment, Path]]:
    """Yield every experiment and its set's folder; a size that takes all pictures is `all`."""
    for folder in _folders(options):
        examples = read_set(folder).training
        for size, seed in product(options.sizes, map(int, options.seeds)):
            if ALL in options.sizes and _is_all(examples, size, seed):
                continue
            for method in options.methods:
                yield Experiment(folder.name, size, seed, method), folder


def _is_all(examples: Sequence[LabelledImage], size: str, seed: int) -> bool:
    """Whether a size given as a number takes all pictures."""
    return size != ALL and len(few_a_label(examples, int(size), seed)) == len(examples)


def _carry_out(experiment: Experiment, folder: Path, threads: int) -> bool:
    """Train one experiment in a fresh process and keep its outcome; False when it failed."""
    task = {"experiment": experiment, "folder": str(folder), "threads": threads}
    outcome = outcome_of(
        "bench.classification.experiment", task, Outcome, one_thread=threads == 1, console=_console
    )
    name = (
        f"{experiment.set}, {experiment.size} a label, seed {experiment.seed}, {experiment.method}"
    )
    if outcome is None:
        _console.print(f"{name}: failed", style="red")
        return False
    KEPT.add(outcome)
    _console.print(
        f"{name}: F1 {outcome.macro_f1:.3f}, score {outcome.score:.3f}, {outcome.seconds:.0f} s",
        highlight=False,
    )
    return True


def _show(options: Namespace) -> None:
    """Tables of the sets that were asked for; plain Markdown where no person is looking."""
    names = {folder.name for folder in _folders(options)}
    outcomes = [one for one in KEPT.read() if one.experiment.set in names]
    if not outcomes:
        _console.print("No results yet.")
    elif _console.is_terminal:
        _console.print(Markdown(tables(outcomes, METHODS)))
    else:
        print(tables(outcomes, METHODS))
