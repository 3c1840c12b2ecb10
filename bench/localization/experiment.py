"""Runs one experiment in this process: `python -m bench.localization.experiment TASK_AS_JSON`."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.isolated import Stopwatch, answer, ignore_progress
from bench.localization.baselines import train_frozen, train_nearest, train_probe
from bench.localization.results import FROZEN, NEAREST, PROBE, Experiment, Outcome
from bench.localization.sets import BoxedSet, boxed_examples, learnt_from, read_boxed_set
from bench.training_facts import ending_of, iterations_of
from lensmith.evaluation.report import EvaluationReport
from lensmith.evaluation.summary import EvaluatedVersion
from lensmith.inference.artefact import Artefact, Task
from lensmith.training.job.evaluation import assess
from lensmith.training.job.usable_images import UsableImage
from lensmith.training.settings import TrainingSettings
from lensmith.training.trainers import trainer_of

BASELINES = {FROZEN: train_frozen, PROBE: train_probe, NEAREST: train_nearest}


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
    train = BASELINES.get(task.experiment.method, trainer_of(Task.DETECTION))
    train(examples, labels, directory, settings, ignore_progress)


if __name__ == "__main__":
    main()
