"""Scores of a trained model on a set's test pictures, kept in bench/results/thresholds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from bench.classification.lesson import Lesson
from bench.classification.ours import learn_with_lensmith
from bench.classification.sets import few_a_label, read_set, truth_of
from bench.image_sets import folder_of
from bench.isolated import ignore_progress
from bench.localization.sets import boxed_examples, learnt_from, read_boxed_set
from bench.outcomes import RESULTS
from lensmith.evaluation.boxes import Boxes, Flags, Floats, Indices
from lensmith.evaluation.label_scores import LabelScores
from lensmith.evaluation.matching import match
from lensmith.inference.artefact import Task
from lensmith.inference.predictor import Predictor
from lensmith.training.settings import TrainingSettings
from lensmith.training.trainers import trainer_of

KEPT = RESULTS / "thresholds"


@dataclass(frozen=True, slots=True)
class Training:
    """A set and how much of it, or how long, a model learns."""

    folder: str
    pictures: int = 0  # of the whole set for boxes, a label for image labels; 0: all
    minutes: int = 0  # of a detector; 0: image labels

    @property
    def name(self) -> str:
        return f"{self.folder}{self.pictures or ''}{'-boxes' if self.minutes else ''}"


@dataclass(frozen=True, slots=True)
class ScoredSet:
    """Predictions of all labels in one flat table, with the picture of each."""

    label: Indices  # [n]
    image: Indices  # [n]
    confidence: Floats  # [n]
    correct: Flags  # [n]
    positives: Indices  # [images, labels] ground-truth images or boxes

    @classmethod
    def of(cls, training: Training, seed: int) -> Self:
        """Read the kept scores, or train, score and keep."""
        file = KEPT / f"{training.name}-{seed}.npz"
        if not file.exists():
            scored = (_boxes if training.minutes else _image_labels)(training, seed)
            KEPT.mkdir(parents=True, exist_ok=True)
            np.savez_compressed(file, *scored)
        with np.load(file) as kept:
            return cls(*(kept[name] for name in kept.files))

    @property
    def images(self) -> int:
        return len(self.positives)

    def labels(self, images: Flags) -> Iterator[LabelScores]:
        """Scores of each label on some images, a mask [images]."""
        every = np.arange(self.images)[images]
        for number in range(self.positives.shape[1]):
            mine = (self.label == number) & images[self.image]
            yield LabelScores(
                self.confidence[mine],
                self.correct[mine],
                self.image[mine],
                np.repeat(every, self.positives[images, number]),
            )


def _image_labels(training: Training, seed: int) -> Sequence[npt.NDArray[Any]]:
    images = read_set(folder_of(training.folder))
    learnt = (
        few_a_label(images.training, training.pictures, seed)
        if training.pictures
        else images.training
    )
    files = tuple(one.image for one in images.testing)
    lesson = Lesson(images.labels, tuple(learnt), files, images.exclusive, seed, threads=0)
    scores = learn_with_lensmith(lesson).scores
    truth = truth_of(images.testing, len(images.labels))
    image, label = np.indices(scores.shape)
    return label.ravel(), image.ravel(), scores.ravel(), truth.ravel(), truth.astype(np.intp)


def _boxes(training: Training, seed: int) -> Sequence[npt.NDArray[Any]]:
    images = read_boxed_set(folder_of(training.folder))
    examples = boxed_examples(learnt_from(images, training.pictures or None, seed), images.labels)
    settings = TrainingSettings(seed, 0, 60 * training.minutes)
    number = {label: index for index, label in enumerate(images.labels)}
    with tempfile.TemporaryDirectory() as directory:
        artefact = Path(directory)
        trainer_of(Task.DETECTION)(examples, images.labels, artefact, settings, ignore_progress)
        predictor = Predictor.open(artefact, threads=2)
        predicted = Boxes.collect(
            [
                (number[one.name], one.confidence, one.box)
                for one in predictor.predict(image.file.read_bytes()).detections
                if one.box is not None
            ]
            for image in images.testing
        )
    truth = Boxes.collect(
        [(number[label], 1.0, box) for label, box in image.truth.boxes] for image in images.testing
    )
    positives = np.zeros((len(images.testing), len(images.labels)), dtype=np.intp)
    np.add.at(positives, (truth.image, truth.label), 1)
    correct = match(predicted, truth).correct
    return predicted.label, predicted.image, predicted.confidence, correct, positives
