"""Times iterations of a detector's training in this process, of whichever tree is imported.

With `--judge` it trains for so many iterations and judges the exported model on the test pictures.
Nothing here names what only the newest tree has: `research.detector_speed --against` runs it with
an older one as well.
"""

from __future__ import annotations

import json
import tempfile
import time
from argparse import ArgumentParser, Namespace
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from bench.localization.experiment import judge
from bench.localization.sets import (
    BoxedSet,
    boxed_examples,
    folder_and_part,
    learnt_from,
    read_boxed_set,
)
from numpy.random import default_rng

from lensmith.domain.job import Progress
from lensmith.training.budget import TimeBudget
from lensmith.training.data.example import Example
from lensmith.training.data.pictures import picture_size, use_threads
from lensmith.training.detector.batches import DetectionBatches
from lensmith.training.detector.fit import fit
from lensmith.training.detector.recipe import detector_recipe
from lensmith.training.detector.train import level_priors, started, train_detector
from lensmith.training.device import this_machine
from lensmith.training.settings import TrainingSettings

NEVER = 2.0  # no recall reaches it: all iterations are done
WARM_STEPS = 5  # not timed; progress is told every five
UNBOUNDED_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Times:
    wall: float  # milliseconds an iteration, without the first five
    cpu: float  # of all threads
    losses: list[float]  # smoothed, every five iterations


@dataclass(frozen=True, slots=True)
class Accuracy:
    ap50: float | None
    ap50_95: float | None
    seconds: float  # of the training, its export included
    cpu_seconds: float


def main() -> None:
    options = parser().parse_args()
    print(json.dumps(asdict(accuracy(options) if options.judge else times(options))))


def parser() -> ArgumentParser:
    options = ArgumentParser(prog="python -m research.detector_iterations", add_help=False)
    options.add_argument("--set", default="cards40")
    options.add_argument("--iterations", type=int, default=25)
    options.add_argument("--threads", type=int, default=0, help="0: one for each core")
    options.add_argument("--bfloat16", action="store_true")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--judge", action="store_true")
    return options


def accuracy(options: Namespace) -> Accuracy:
    """Train on a set of `LENSMITH_DATA` for some iterations, judge on its test pictures."""
    threads = use_threads(options.threads)
    images, examples = _set(options)
    sizes = [picture_size(example.image) for example in examples]
    settings = TrainingSettings(options.seed, threads, UNBOUNDED_SECONDS)
    recipe = detector_recipe(examples, sizes, settings)
    recipe = replace(recipe, iterations=options.iterations, stop_recall=NEVER)
    with tempfile.TemporaryDirectory() as name:
        began, cpu = time.perf_counter(), time.process_time()
        train_detector(examples, images.labels, Path(name), settings, lambda _: None, recipe=recipe)
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
        judged = judge(Path(name), images, threads)
    assert judged.detection is not None
    tight = judged.detection.average_precision_50_95
    return Accuracy(judged.average_precision, tight, round(seconds, 1), round(cpu_seconds, 1))


def _set(options: Namespace) -> tuple[BoxedSet, list[Example]]:
    folder, part = folder_and_part(options.set)
    images = read_boxed_set(folder)
    training = learnt_from(images, part, options.seed)
    return images, list(boxed_examples(training, images.labels))


def times(options: Namespace) -> Times:
    """Train a detector for a few iterations on a set of `LENSMITH_DATA`, always the same."""
    threads = use_threads(options.threads)
    images, examples = _set(options)
    sizes = [picture_size(example.image) for example in examples]
    recipe = detector_recipe(examples, sizes, TrainingSettings(threads=threads))
    recipe = replace(recipe, iterations=options.iterations, stop_recall=NEVER)
    batches = DetectionBatches(examples, recipe.input_size, recipe.view, default_rng(options.seed))
    batches.batch(len(examples), mosaic=0.0)  # decodes all pictures
    torch.manual_seed(options.seed)
    priors = level_priors(examples, sizes, recipe.input_size)
    network = started(len(images.labels), recipe, priors)
    machine = this_machine()
    if options.bfloat16:
        machine = replace(machine, autocast=torch.bfloat16)
    marks: list[tuple[int, float, float]] = []
    losses: list[float] = []

    def mark(progress: Progress) -> None:
        if progress.step < WARM_STEPS:
            return
        marks.append((progress.step, time.perf_counter(), time.process_time()))
        losses.append(progress.loss or 0.0)

    fit(network, batches, recipe, TimeBudget.from_now(UNBOUNDED_SECONDS), mark, machine=machine)
    (first, *begin), (last, *end) = marks[0], marks[-1]
    wall, cpu = (1000 * (b - a) / (last - first) for a, b in zip(begin, end, strict=True))
    return Times(wall, cpu, losses)


if __name__ == "__main__":
    main()
