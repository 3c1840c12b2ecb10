"""Runs one experiment in this process: `python -m research.ablation.experiment TASK_AS_JSON`."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.isolated import Stopwatch, answer
from bench.localization.experiment import judge
from bench.localization.sets import boxed_examples, learnt_from, read_boxed_set

from lensmith.domain.job import Progress
from lensmith.training.data.pictures import picture_size
from lensmith.training.detector.train import train_detector
from lensmith.training.settings import TrainingSettings
from research.ablation.results import Experiment, Outcome
from research.ablation.variants import VARIANTS, changed, recipe_of

UNBOUNDED_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class ExperimentTask:
    experiment: Experiment
    folder: str
    part: int | None  # how many training pictures; None: all


def main() -> None:
    answer(ExperimentTask, carry_out)


def carry_out(task: ExperimentTask) -> Outcome:
    """Train the variant on one thread, judge its exported model on all test pictures."""
    images, experiment = read_boxed_set(Path(task.folder)), task.experiment
    examples = boxed_examples(learnt_from(images, task.part, experiment.seed), images.labels)
    settings = TrainingSettings(experiment.seed, 1, UNBOUNDED_SECONDS)
    with tempfile.TemporaryDirectory() as name:
        directory, watch = Path(name), Stopwatch()
        variant = VARIANTS[experiment.variant]
        sizes = [picture_size(example.image) for example in examples]
        recipe = recipe_of(variant, examples, sizes, settings, experiment.iterations)
        with changed(variant):
            train_detector(examples, images.labels, directory, settings, _ignore, recipe=recipe)
        _, cpu_seconds = watch.read()
        judged = judge(directory, images, threads=1)
    assert judged.detection is not None
    return Outcome(
        experiment,
        ap50=judged.average_precision,
        ap50_95=judged.detection.average_precision_50_95,
        calibration_error=judged.calibration.expected_error,
        cpu_seconds=round(cpu_seconds, 1),
    )


def _ignore(progress: Progress) -> None:
    """Progress of a benchmark's training is not shown."""


if __name__ == "__main__":
    main()
