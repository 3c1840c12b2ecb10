"""Lensmith's own training, and the scores of the exported model as serving gives them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from bench.classification.lesson import Learnt, Lesson, Scores, Stopwatch
from bench.isolated import ignore_progress
from lensmith.inference.predictor import Predictor
from lensmith.training.classifier.train import train_classifier
from lensmith.training.data.example import Example
from lensmith.training.settings import TrainingSettings


def learn_with_lensmith(lesson: Lesson) -> Learnt:
    examples = [Example(one.image, one.labels) for one in lesson.training]
    settings = TrainingSettings(seed=lesson.seed, threads=lesson.threads)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        watch = Stopwatch()
        train_classifier(examples, lesson.labels, directory, settings, ignore_progress)
        return watch.learnt(lambda: _scores(directory, lesson))


def _scores(directory: Path, lesson: Lesson) -> Scores:
    predictor = Predictor.open(directory, lesson.threads)
    number = {label: index for index, label in enumerate(lesson.labels)}
    scores = np.zeros((len(lesson.testing), len(lesson.labels)))
    for row, path in zip(scores, lesson.testing, strict=True):
        for detection in predictor.predict(path.read_bytes()).detections:
            row[number[detection.name]] = detection.confidence
    return scores
