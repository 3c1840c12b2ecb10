"""One cell in a process of its own: `python -m research.ablation.cell` and its task as JSON."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.isolated import Stopwatch, answer
from bench.localization.cell import judge
from bench.localization.sets import boxed_examples, learnt_from, read_boxed_set

from lensmith.domain.job import Progress
from lensmith.training.detector.train import train_detector
from lensmith.training.settings import TrainingSettings
from research.ablation.results import Cell, Outcome
from research.ablation.variants import VARIANTS, changed

UNBOUNDED_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class CellTask:
    cell: Cell
    folder: str
    part: int | None  # how many training pictures; None: all


def main() -> None:
    answer(CellTask, carry_out)


def carry_out(task: CellTask) -> Outcome:
    """Train the variant on one thread, judge its exported model on all test pictures."""
    images, cell = read_boxed_set(Path(task.folder)), task.cell
    examples = boxed_examples(learnt_from(images, task.part, cell.seed), images.labels)
    settings = TrainingSettings(cell.seed, 1, UNBOUNDED_SECONDS)
    with tempfile.TemporaryDirectory() as name:
        directory, watch = Path(name), Stopwatch()
        with changed(VARIANTS[cell.variant], cell.iterations):
            train_detector(examples, images.labels, directory, settings, _ignore)
        _, cpu_seconds = watch.read()
        judged = judge(directory, images, threads=1)
    assert judged.detection is not None
    return Outcome(
        cell,
        ap50=judged.average_precision,
        ap50_95=judged.detection.average_precision_50_95,
        calibration_error=judged.calibration.expected_error,
        cpu_seconds=round(cpu_seconds, 1),
    )


def _ignore(progress: Progress) -> None:
    """Progress of a benchmark's training is not shown."""


if __name__ == "__main__":
    main()
