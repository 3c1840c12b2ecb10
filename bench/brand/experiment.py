"""Runs one experiment in this process: `python -m bench.brand.experiment TASK_AS_JSON`."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.brand.results import Experiment, Outcome
from bench.isolated import Stopwatch, answer, ignore_progress
from bench.training_facts import ending_of, iterations_of
from lensmith.evaluation.report import EvaluationReport
from lensmith.evaluation.summary import EvaluatedVersion
from lensmith.inference.artefact import Artefact, Task
from lensmith.inference.predictor import Predictor
from lensmith.manifest.line.validate import check_line
from lensmith.manifest.training.entry import usable_entries
from lensmith.manifest.training.use_case import UseCase
from lensmith.training.job.evaluation import assess
from lensmith.training.job.usable_images import UsableImage, example, ground_truth
from lensmith.training.settings import TrainingSettings
from lensmith.training.trainers import trainer_of


@dataclass(frozen=True, slots=True)
class ExperimentTask:
    experiment: Experiment
    folder: str  # of the set
    threads: int
    budget_seconds: float | None


def main() -> None:
    answer(ExperimentTask, carry_out)


def carry_out(task: ExperimentTask) -> Outcome:
    """Train on the logo pictures alone, judge the exported model on the scenes."""
    folder = Path(task.folder)
    training, testing = _read(folder, "train", brand=True), _read(folder, "test", brand=False)
    labels = _labels(training)
    with tempfile.TemporaryDirectory() as name:
        directory, watch = Path(name), Stopwatch()
        _train(task, training, labels, directory)
        seconds, cpu_seconds = watch.read()
        artefact = Artefact.read(directory)
        judged = _judged(directory, training, testing, task.threads)
        close = _read(folder, "close", brand=False)
        judged_close = _judged(directory, training, close, task.threads)
        empty = sorted((folder / "empty").iterdir())
        alarms = _false_alarms(directory, judged, empty, task.threads)
    assert judged.detection is not None
    return Outcome(
        experiment=task.experiment,
        labels=len(labels),
        pictures=len(training),
        scenes=len(testing),
        ap50=judged.average_precision,
        ap50_95=judged.detection.average_precision_50_95,
        macro_f1=judged.f1_score,
        by_label={one.label: one.average_precision for one in judged.labels},
        by_size={one.size.value: one.average_precision for one in judged.detection.sizes},
        boxes_by_size={one.size.value: one.boxes for one in judged.detection.sizes},
        close_scenes=len(close),
        close_ap50=judged_close.average_precision,
        empty_scenes=len(empty),
        false_alarms=alarms,
        seconds=round(seconds, 1),
        cpu_seconds=round(cpu_seconds, 1),
        threads=task.threads,
        iterations=iterations_of(artefact.report),
        frame=artefact.input_size,
        stopped=ending_of(artefact.report),
    )


def read_labels(folder: Path) -> list[str]:
    """Return the names of the set's marks, sorted."""
    return _labels(_read(folder, "train", brand=True))


def _labels(training: list[UsableImage]) -> list[str]:
    return sorted({name for image in training for name, _ in image.truth.labels})


def _read(folder: Path, part: str, *, brand: bool) -> list[UsableImage]:
    lines = [check_line(line) for line in (folder / f"{part}.manifest").read_bytes().splitlines()]
    entries = usable_entries(lines, range(len(lines)), UseCase.OBJECT_LOCALIZATION, brand)
    return [
        UsableImage(folder / "images" / Path(one.entry.source_ref).name, ground_truth(one))
        for one in entries
    ]


def _train(
    task: ExperimentTask, training: list[UsableImage], labels: list[str], directory: Path
) -> None:
    numbers = {label: number for number, label in enumerate(labels)}
    examples = [example(image, numbers, Task.DETECTION) for image in training]
    settings = TrainingSettings(task.experiment.seed, task.threads, task.budget_seconds)
    trainer_of(Task.DETECTION)(examples, labels, directory, settings, ignore_progress)


def _judged(
    directory: Path, training: list[UsableImage], testing: list[UsableImage], threads: int
) -> EvaluationReport:
    version = EvaluatedVersion("", len(training), len(testing), ended=datetime.now(UTC))
    return assess(directory, testing, threads, ignore_progress).report(version)


def _false_alarms(
    directory: Path, judged: EvaluationReport, pictures: list[Path], threads: int
) -> int:
    thresholds = {one.label: one.threshold for one in judged.labels}
    predictor = Predictor.open(directory, threads)
    return sum(
        detection.confidence >= thresholds[detection.name]
        for picture in pictures
        for detection in predictor.predict(picture.read_bytes()).detections
    )


if __name__ == "__main__":
    main()
