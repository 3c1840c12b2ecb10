"""What making frames ahead is worth where something else than the processor learns from them.

`python -m research.frames_ahead` makes the batches of a detector's training from a set in
LENSMITH_DATA. First it times them in one thread and in several, each with frames of its own; then
it lets a loop wait after every batch, as it would for a GPU, with batches made in turn and ahead.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median

from bench.localization.sets import boxed_examples, folder_and_part, learnt_from, read_boxed_set
from numpy.random import default_rng
from rich.console import Console

from lensmith.training.data.example import Example
from lensmith.training.data.pictures import picture_size
from lensmith.training.data.prefetch import PREFETCH_DEPTH, Prefetcher
from lensmith.training.detector.batches import DetectionBatches
from lensmith.training.detector.recipe import DetectorRecipe, detector_recipe
from lensmith.training.settings import TrainingSettings

THREADS = (1, 2, 3)
BATCHES = 40  # timed of each kind
ROUNDS = 3  # of everything; the median counts


def main() -> None:
    parser = ArgumentParser(prog="python -m research.frames_ahead")
    parser.add_argument("--set", default="cards40")
    parser.add_argument("--step", type=float, default=60.0, help="milliseconds of the device")
    given = parser.parse_args()
    examples, recipe = _prepared(given.set)
    console = Console()
    console.print(f"{given.set}: views of {recipe.view}, {recipe.batch} in a batch")
    makers = [_frames(examples, recipe, seed) for seed in range(max(THREADS))]
    for threads in THREADS:
        each = _median(partial(_made_by, makers[:threads], recipe))
        console.print(f"{threads} threads: {1000 * each:.1f} ms a batch")
    for ahead in (0, PREFETCH_DEPTH):
        each = _median(partial(_loop, makers[0], recipe, ahead, given.step / 1000))
        console.print(f"device of {given.step:g} ms, {ahead} ahead: {1000 * each:.1f} ms a step")


def _prepared(name: str) -> tuple[list[Example], DetectorRecipe]:
    folder, part = folder_and_part(name)
    images = read_boxed_set(folder)
    examples = boxed_examples(learnt_from(images, part, 0), images.labels)
    sizes = [picture_size(example.image) for example in examples]
    return examples, detector_recipe(examples, sizes, TrainingSettings(threads=1))


def _frames(examples: Sequence[Example], recipe: DetectorRecipe, seed: int) -> DetectionBatches:
    """With every picture decoded already."""
    frames = DetectionBatches(examples, recipe.input_size, recipe.view, default_rng(seed))
    frames.batch(len(examples), mosaic=0.0)
    return frames


def _median(timed: Callable[[], float]) -> float:
    return median(timed() for _ in range(ROUNDS))


def _made_by(makers: Sequence[DetectionBatches], recipe: DetectorRecipe) -> float:
    """Seconds a batch, of all threads together."""
    began = time.monotonic()
    with ThreadPoolExecutor(len(makers)) as threads:
        for maker in makers:
            threads.submit(_make, maker, recipe, BATCHES // len(makers))
    return (time.monotonic() - began) / (BATCHES // len(makers) * len(makers))


def _make(frames: DetectionBatches, recipe: DetectorRecipe, batches: int) -> None:
    for _ in range(batches):
        frames.batch(recipe.batch, recipe.mosaic)


def _loop(
    frames: DetectionBatches, recipe: DetectorRecipe, ahead: int, device_seconds: float
) -> float:
    """Seconds a step of a loop that leaves the processor free while the device computes."""
    with Prefetcher(frames, ahead) as made:
        began = time.monotonic()
        for _ in range(BATCHES):
            made.batch(recipe.batch, recipe.mosaic)
            time.sleep(device_seconds)
        return (time.monotonic() - began) / BATCHES


if __name__ == "__main__":
    main()
