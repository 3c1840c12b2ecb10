"""Runs one experiment in this process: `python -m bench.localization.experiment TASK_AS_JSON`."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bench.isolated import Stopwatch, answer, ignore_progress
from bench.localization.results import FROZEN, Experiment, Outcome
from bench.localization.sets import BoxedSet, boxed_examples, learnt_from, read_boxed_set
from bench.training_facts import ending_of, iterations_of
from lensmith.domain.job import OnProgress
from lensmith.evaluation.report import EvaluationReport
from lensmith.evaluation.summary import EvaluatedVersion
from lensmith.inference.artefact import Artefact, Task
from lensmith.training.backbone import BASE_STAGES
from lensmith.training.data.example import Example
from lensmith.training.data.pictures import picture_size
from lensmith.training.detector.recipe import detector_recipe
from lensmith.training.detector.train import train_detector
from lensmith.training.job.evaluation import assess
from lensmith.training.job.usable_images import UsableImage
from lensmith.training.settings import TrainingSettings
from lensmith.training.trainers import trainer_of


@dataclass(frozen=True, slots=True)
class ExperimentTask:
    experiment: Experiment
    folder: str
    part: int | None  # how many training pictures; None: all
    threads: int


def main() -> None:
    answer(ExperimentTask, carry_out)


def carry_out(task: ExperimentTask) -> Outcome:
    """Train on the experiment's pictures for its minutes, then evaluate the exported model."""
    images, experiment = read_boxed_set(Path(task.folder)), task.experiment
    training = learnt_from(images, task.part, experiment.seed)
    with tempfile.TemporaryDirectory() as name:
        directory, watch = Path(name), Stopwatch()
        _train(task, training, images.labels, directory)
        seconds, cpu_seconds = watch.read()
        artefact, judged = Artefact.read(directory), judge(directory, images, task.threads)
    assert judged.detection is not None
    return Outcome(
        experiment=experiment,
        pictures=len(training),
        ap50=judged.average_precision,
        ap50_95=judged.detection.average_precision_50_95,
        macro_f1=judged.f1_score,
        calibration_error=judged.calibration.expected_error,
        seconds=round(seconds, 1),
        cpu_seconds=round(cpu_seconds, 1),
        threads=task.threads,
        iterations=iterations_of(artefact.report),
        frame=artefact.input_size,
        stopped=ending_of(artefact.report),
        trained_for=experiment.minutes,
    )


def judge(directory: Path, images: BoxedSet, threads: int) -> EvaluationReport:
    """What a training job would report of the artefact."""
    version = EvaluatedVersion(
        "", len(images.training), len(images.testing), ended=datetime.now(UTC)
    )
    return assess(directory, images.testing, threads, ignore_progress).report(version)


def _train(
    task: ExperimentTask,
    training: tuple[UsableImage, ...],
    labels: tuple[str, ...],
    directory: Path,
) -> None:
    examples = boxed_examples(training, labels)
    settings = TrainingSettings(task.experiment.seed, task.threads, 60 * task.experiment.minutes)
    train = train_frozen if task.experiment.method == FROZEN else trainer_of(Task.DETECTION)
    train(examples, labels, directory, settings, ignore_progress)


def train_frozen(
    examples: Sequence[Example],
    labels: Sequence[str],
    directory: Path,
    settings: TrainingSettings,
    on_progress: OnProgress,
) -> None:
    """Train as Lensmith does, but only the pyramid and the head; the backbone is ImageNet's."""
    sizes = [picture_size(example.image) for example in examples]
    recipe = replace(detector_recipe(examples, sizes, settings), frozen_stages=len(BASE_STAGES))
    train_detector(examples, labels, directory, settings, on_progress, recipe=recipe)


if __name__ == "__main__":
    main()
