"""Models of sets of pictures, trained once and kept in a folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.image_sets import folder_of, read_entries
from bench.isolated import ignore_progress
from bench.localization.sets import read_boxed_set
from lensmith.inference.artefact import Task
from lensmith.manifest.training.entry import TrainingEntry
from lensmith.training.data.pictures import picture_size
from lensmith.training.detector.recipe import detector_recipe
from lensmith.training.detector.train import train_detector
from lensmith.training.job.usable_images import UsableImage, example, ground_truth, known_only
from lensmith.training.settings import TrainingSettings
from lensmith.training.trainers import trainer_of

BOXES = "-boxes"


@dataclass(frozen=True, slots=True)
class Pictures:
    """A set as a training job sees it."""

    task: Task
    labels: tuple[str, ...]
    training: Sequence[UsableImage]
    testing: Sequence[UsableImage]


def folder_of_set(name: str) -> Path:
    """Return the folder of `cards`, or of its boxes, `cards-boxes`."""
    return folder_of(name.removesuffix(BOXES))


def read_pictures(name: str) -> Pictures:
    """Read the set of that name, its boxes for `cards-boxes`."""
    folder = folder_of_set(name)
    if name.endswith(BOXES):
        boxed = read_boxed_set(folder)
        return Pictures(Task.DETECTION, boxed.labels, boxed.training, boxed.testing)
    training, testing = (_labelled(folder / f"{part}.manifest") for part in ("train", "test"))
    labels = sorted({label for image in training for label, _ in image.truth.labels})
    return Pictures(Task.CLASSIFICATION, tuple(labels), training, known_only(testing, labels))


@dataclass(frozen=True, slots=True)
class Length:
    """Limits a training: by minutes, or by iterations of a detector whatever they take."""

    minutes: float | None = None  # None: the usual guard
    iterations: int | None = None


def train_once(pictures: Pictures, directory: Path, seed: int, length: Length) -> None:
    """Train a model into `directory` unless one is there."""
    if (directory / "model.json").exists():
        return
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent) as fresh:
        _train(pictures, Path(fresh), seed, length)
        shutil.copytree(fresh, directory)


def _train(pictures: Pictures, directory: Path, seed: int, length: Length) -> None:
    numbers = {label: number for number, label in enumerate(pictures.labels)}
    examples = [example(image, numbers, pictures.task) for image in pictures.training]
    seconds = None if length.minutes is None else 60 * length.minutes
    settings = TrainingSettings(seed, budget_seconds=seconds)
    labels = pictures.labels
    if pictures.task is Task.CLASSIFICATION or length.iterations is None:
        trainer_of(pictures.task)(examples, labels, directory, settings, ignore_progress)
        return
    usual = detector_recipe(examples, [picture_size(one.image) for one in examples], settings)
    recipe = replace(usual, iterations=length.iterations)
    train_detector(examples, labels, directory, settings, ignore_progress, recipe=recipe)


def _labelled(manifest: Path) -> list[UsableImage]:
    return [
        UsableImage(file, ground_truth(TrainingEntry(entry, number, number + 1)))
        for number, (file, entry) in enumerate(read_entries(manifest))
        if entry.image_labels
    ]
