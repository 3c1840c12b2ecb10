"""Maps a task to its training. Imports torch on demand, so that invalid manifests fail fast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from lensmith.domain.job import OnProgress
from lensmith.inference.artefact import Task
from lensmith.training.data.example import Example
from lensmith.training.settings import TrainingSettings

Trainer = Callable[[Sequence[Example], Sequence[str], Path, TrainingSettings, OnProgress], None]
"""Trains on examples whose labels are indices into the names, and writes an artefact."""
ChooseTrainer = Callable[[Task], Trainer]


def trainer_of(task: Task) -> Trainer:
    if task is Task.CLASSIFICATION:
        from lensmith.training.classifier.train import train_classifier

        return train_classifier
    from lensmith.training.detector_selection.train import train_best_detector

    return train_best_detector
