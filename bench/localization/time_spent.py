"""Divides the processor time of a detector's training among its parts, in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from cProfile import Profile
from dataclasses import dataclass, replace
from pathlib import Path
from pstats import Stats
from tempfile import TemporaryDirectory
from typing import Any

from rich.table import Table
from torch import Tensor

from bench.isolated import answer, ignore_progress
from bench.localization.sets import boxed_examples, learnt_from, read_boxed_set
from lensmith.training.data.pictures import PictureCache, load_picture, picture_size
from lensmith.training.detector.assignment import TaskAlignedAssigner
from lensmith.training.detector.batches import DetectionBatches
from lensmith.training.detector.frozen import FrozenStages
from lensmith.training.detector.loss import detection_loss
from lensmith.training.detector.network import Detector
from lensmith.training.detector.recipe import detector_recipe
from lensmith.training.detector.train import train_detector
from lensmith.training.detector.validation import HoldoutValidator
from lensmith.training.export import export_model
from lensmith.training.optimisation import Optimisation
from lensmith.training.settings import TrainingSettings

UNBOUNDED_SECONDS = 86_400.0
NEVER = 2.0  # no recall reaches it: all iterations are done
ONCE = ("decoding", "judging", "export", "other")  # for the whole training, whatever its length

Calls = Mapping[Any, Any]
"""Of `pstats`: (file, line, name) -> (calls, calls that are no recursion, own, total, callers)."""


@dataclass(frozen=True, slots=True)
class ProfileTask:
    folder: str
    part: int | None  # how many training pictures; None: all
    iterations: int


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """Seconds of one thread."""

    pictures: int
    boxes: int
    iterations: int
    usual_iterations: int  # that the recipe would take
    parts: dict[str, float]


def main() -> None:
    answer(ProfileTask, carry_out)


def carry_out(task: ProfileTask) -> TimeSpent:
    """Train on one thread, for so many iterations."""
    images = read_boxed_set(Path(task.folder))
    examples = boxed_examples(learnt_from(images, task.part, 0), images.labels)
    settings = TrainingSettings(0, 1, UNBOUNDED_SECONDS)
    sizes = [picture_size(example.image) for example in examples]
    usual = detector_recipe(examples, sizes, settings)
    recipe = replace(usual, iterations=task.iterations, stop_recall=NEVER)
    profile = Profile(time.thread_time)
    with TemporaryDirectory() as folder, profile:
        train_detector(
            examples, images.labels, Path(folder), settings, ignore_progress, recipe=recipe
        )
    stats = Stats(profile)
    return TimeSpent(
        pictures=len(examples),
        boxes=sum(len(example.boxes) for example in examples),
        iterations=task.iterations,
        usual_iterations=usual.iterations,
        parts=_parts(stats.stats, stats.total_tt),  # type: ignore[attr-defined]
    )


def _parts(calls: Calls, total: float) -> dict[str, float]:
    decoding = calls[_key(load_picture)][4][_key(PictureCache.__getitem__)][3]
    backward = _seconds(calls, Tensor.backward)
    parts = {
        "decoding": decoding,
        "frames": _seconds(calls, DetectionBatches.batch) - decoding,
        "frozen stages": _seconds(calls, FrozenStages.__call__),
        "forward": _seconds(calls, Detector.from_start),
        "assignment": _seconds(calls, TaskAlignedAssigner.__call__),
        "loss": _seconds(calls, detection_loss),
        "backward": backward,
        "optimiser, average": _seconds(calls, Optimisation.step) - backward,
        "judging": _seconds(calls, HoldoutValidator.__call__),
        "export": _seconds(calls, export_model),
    }
    return parts | {"other": total - sum(parts.values())}


def _seconds(calls: Calls, function: Callable[..., Any]) -> float:
    return float(calls[_key(function)][3])


def _key(function: Callable[..., Any]) -> tuple[str, int, str]:
    while hasattr(function, "__wrapped__"):  # by torch.no_grad
        function = function.__wrapped__
    code = function.__code__
    return code.co_filename, code.co_firstlineno, code.co_name


def table(spent: Mapping[str, TimeSpent]) -> Table:
    """Print milliseconds an iteration, and the share of a training of the recipe's length."""
    shown = Table("part", *(f"{name}: ms an iteration, share" for name in spent))
    for part in next(iter(spent.values())).parts:
        shown.add_row(part, *(_cell(one, part) for one in spent.values()))
    sizes = (f"{one.pictures} pictures, {one.boxes} boxes" for one in spent.values())
    shown.add_row("of", *sizes)
    return shown


def _cell(spent: TimeSpent, part: str) -> str:
    lengths = {
        name: seconds if name in ONCE else seconds / spent.iterations * spent.usual_iterations
        for name, seconds in spent.parts.items()
    }
    share = f"{lengths[part] / sum(lengths.values()):.1%}"
    if part in ONCE:
        return f"{spent.parts[part]:.1f} s once, {share}"
    return f"{1000 * spent.parts[part] / spent.iterations:.1f}, {share}"


if __name__ == "__main__":
    main()
