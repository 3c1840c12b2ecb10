"""`python -m research.pretraining`: make the weights that a detector begins with."""

from __future__ import annotations

from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from numpy.random import default_rng
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from lensmith.domain.job import Progress
from lensmith.training.backbone import BackboneName
from lensmith.training.data.pictures import use_threads
from lensmith.training.detector.pretrained import START_FILES, save_start
from research.pretraining.downloads import fetch_objects, fetch_photographs
from research.pretraining.grounds import Grounds
from research.pretraining.lesson import Lesson, taught
from research.pretraining.objects import LABELS, Objects
from research.pretraining.scenes import SIDE, Scenes

KEPT_EVERY = 100  # iterations, each with a line that stays


def main() -> None:
    """Fetch the pictures, train, write the file; the same seed and threads make the same file."""
    options = _options()
    use_threads(options.threads)
    torch.manual_seed(options.seed)
    console = Console()
    with TemporaryDirectory() as folder:
        with console.status("Fetching objects and photographs"):
            scenes = _scenes(Path(folder), options.seed)
        with _bar(console) as bar:
            report = _reporter(bar, options.iterations)
            lesson = Lesson(options.backbone, SIDE, LABELS, options.iterations)
            network = taught(lesson, scenes, report)
    output = options.output or START_FILES[options.backbone]
    save_start(network, output)
    console.print(f"{output}: {output.stat().st_size / 1e6:.2f} MB")


def _options() -> Namespace:
    parser = ArgumentParser(
        "python -m research.pretraining", formatter_class=ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--backbone", type=BackboneName, choices=list(START_FILES), default=BackboneName.LITE0)
    add("--iterations", type=int, default=2500, help="of six scenes each")
    add("--output", type=Path, help="written whole at the end; by default the bundled file")
    add("--seed", type=int, default=0)
    add("--threads", type=int, default=1, help="another number changes the last digits")
    return parser.parse_args()


def _scenes(folder: Path, seed: int) -> Scenes:
    rng = default_rng(seed)
    objects = Objects(fetch_objects(folder), rng)
    return Scenes(objects, Grounds(fetch_photographs(folder), SIDE, rng), rng)


def _bar(console: Console) -> Bar:
    figures = "loss {task.fields[loss]:.2f}, found {task.fields[found]:.3f}"
    return Bar(
        TextColumn("training"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(figures),
        TimeRemainingColumn(),
        console=console,
    )


def _reporter(bar: Bar, iterations: int) -> Callable[[Progress], None]:
    task = bar.add_task("training", total=iterations, loss=0.0, found=0.0)

    def report(done: Progress) -> None:
        bar.update(task, completed=done.step, loss=done.loss, found=done.metric)
        if done.step and done.step % KEPT_EVERY == 0:
            bar.console.print(f"{done.step}: loss {done.loss:.3f}, found {done.metric:.3f}")

    return report


if __name__ == "__main__":
    main()
