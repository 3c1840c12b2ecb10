"""Holds out a fifth of the boxed training pictures, and validates detectors on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import default_rng

from lensmith.domain.geometry import Box
from lensmith.domain.job import OnProgress, Progress
from lensmith.domain.training_phase import TrainingPhase
from lensmith.evaluation.boxes import Boxes
from lensmith.inference.predictor import Predictor
from lensmith.training.data.example import Example, scenes_of
from lensmith.training.data.folds import stratified_folds
from lensmith.training.detector.validation import BoxValidation

PARTS = 5


@dataclass(frozen=True, slots=True)
class SplitPictures:
    training: Sequence[Example]
    held_out: Sequence[Example]

    @classmethod
    def of(cls, examples: Sequence[Example], labels: int, seed: int) -> SplitPictures:
        """Split with labels spread evenly; a label's only picture is trained on."""
        shown = np.zeros((len(examples), labels), np.bool_)
        for row, example in zip(shown, examples, strict=True):
            row[[label for label, _ in example.boxes]] = True
        aside = stratified_folds(shown, PARTS, default_rng(seed), scenes_of(examples)) == 0
        return cls(
            [example for example, kept in zip(examples, aside, strict=True) if not kept],
            [example for example, kept in zip(examples, aside, strict=True) if kept],
        )


def validate_artefact(
    directory: Path,
    labels: Sequence[str],
    held_out: Sequence[Example],
    threads: int,
    on_progress: OnProgress,
) -> BoxValidation:
    """Evaluate an artefact as it is served; raises ArtefactError when it cannot be run."""
    predictor = Predictor.open(directory, threads)
    predicted = Boxes.collect(
        _found(predictor, labels, example) for example in _reporting(held_out, on_progress)
    )
    truth = Boxes.collect(
        [(label, 1.0, box.clamped()) for label, box in example.boxes] for example in held_out
    )
    return BoxValidation.of(labels, len(held_out), predicted, truth)


def _reporting(held_out: Sequence[Example], on_progress: OnProgress) -> Iterator[Example]:
    for number, example in enumerate(held_out, 1):
        yield example
        on_progress(Progress(TrainingPhase.JUDGING, number, len(held_out)))


def _found(
    predictor: Predictor, labels: Sequence[str], example: Example
) -> Iterator[tuple[int, float, Box]]:
    for detection in predictor.predict(example.image.read_bytes()).detections:
        if detection.box is not None:
            yield labels.index(detection.name), detection.confidence, detection.box
