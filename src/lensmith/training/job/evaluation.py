"""Evaluates the exported model on the test set: predictions, thresholds, metrics, report."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import numpy as np

from lensmith.domain.job import OnProgress, Progress
from lensmith.domain.label import Prediction
from lensmith.domain.scene import numbered
from lensmith.domain.training_phase import TrainingPhase
from lensmith.evaluation.boxes import Boxes, Flags, Floats
from lensmith.evaluation.evaluation import Evaluation, evaluate_classifier, evaluate_detector
from lensmith.evaluation.ground_truth import GroundTruth
from lensmith.evaluation.image_result import ImageResult, classifier_images, detector_images
from lensmith.evaluation.label_scores import LabelScores, classifier_scores, detector_scores
from lensmith.evaluation.matching import Matching, match
from lensmith.evaluation.report import EvaluationReport, classifier_report, detector_report
from lensmith.evaluation.snapshot import classifier_snapshot, detector_snapshot
from lensmith.evaluation.summary import EvaluatedVersion
from lensmith.inference.artefact import Task
from lensmith.inference.predictor import Predictor
from lensmith.training.job.usable_images import UsableImage

_WINDOW = 64  # images handed to the predicting threads at once


@dataclass(frozen=True, slots=True)
class Assessment:
    """Evaluation of a model on the test set, with its files."""

    evaluation: Evaluation
    scores: Sequence[LabelScores]  # in the order of the labels
    scenes: Sequence[int]  # of the test images
    snapshot: Callable[[datetime], Iterator[bytes]]  # lines, from the time evaluation ended
    report: Callable[[EvaluatedVersion], EvaluationReport]
    images: Callable[[], Iterator[ImageResult]]  # in the order of the test set


def assess(
    directory: Path,
    images: Sequence[UsableImage],
    threads: int,
    on_progress: OnProgress,
) -> Assessment:
    """Evaluate the artefact in `directory` with the code that will serve it.

    `threads` images are predicted at a time, 0 meaning one a core. Raises ArtefactError when the
    model cannot be run.
    """
    return assess_predictor(Predictor.open(directory, threads=1), images, threads, on_progress)


def assess_predictor(
    predictor: Predictor,
    images: Sequence[UsableImage],
    threads: int,
    on_progress: OnProgress,
) -> Assessment:
    """Evaluate a loaded model of one thread, as `assess` does."""
    predictions = _predict(predictor, images, threads or len(os.sched_getaffinity(0)), on_progress)
    truths = [image.truth for image in images]
    scenes = numbered(image.scene for image in images)
    if predictor.artefact.task is Task.CLASSIFICATION:
        return _assess_classifier(predictor.artefact.labels, predictions, truths, scenes)
    return _assess_detector(predictor.artefact.labels, predictions, truths, scenes)


def _predict(
    predictor: Predictor,
    images: Sequence[UsableImage],
    threads: int,
    on_progress: OnProgress,
) -> Iterator[Prediction]:
    """Return the predictions in the order of the images."""
    remaining, done = iter(images), 0
    with ThreadPoolExecutor(threads, thread_name_prefix="evaluation") as pool:
        while window := list(islice(remaining, _WINDOW)):
            for prediction in pool.map(
                lambda one: predictor.predict(one.file.read_bytes()), window
            ):
                done += 1
                on_progress(Progress(TrainingPhase.EVALUATION, done, len(images)))
                yield prediction


def _assess_classifier(
    labels: Sequence[str],
    predictions: Iterator[Prediction],
    truths: Sequence[GroundTruth],
    scenes: Sequence[int],
) -> Assessment:
    number = {label: index for index, label in enumerate(labels)}
    scores: Floats = np.zeros((len(truths), len(labels)))
    truth: Flags = np.zeros(scores.shape, dtype=np.bool_)
    for row, (prediction, image) in enumerate(zip(predictions, truths, strict=True)):
        for detection in prediction.detections:
            scores[row, number[detection.name]] = detection.confidence
        truth[row, [number[label] for label, _ in image.labels]] = True
    evaluation = evaluate_classifier(labels, scores, truth)
    return Assessment(
        evaluation,
        classifier_scores(scores, truth),
        scenes,
        snapshot=lambda ended: classifier_snapshot(truths, scores, truth, evaluation, ended),
        report=lambda version: classifier_report(scores, truth, evaluation, version, scenes),
        images=lambda: classifier_images(truths, scores, truth, evaluation),
    )


def _assess_detector(
    labels: Sequence[str],
    predictions: Iterator[Prediction],
    truths: Sequence[GroundTruth],
    scenes: Sequence[int],
) -> Assessment:
    number = {label: index for index, label in enumerate(labels)}
    predicted = Boxes.collect(
        [
            (number[detection.name], detection.confidence, detection.box)
            for detection in prediction.detections
            if detection.box is not None
        ]
        for prediction in predictions
    )
    truth = Boxes.collect(
        [(number[label], 1.0, box) for label, box in image.boxes] for image in truths
    )
    matching: Matching = match(predicted, truth)
    evaluation = evaluate_detector(labels, predicted, truth, matching)
    return Assessment(
        evaluation,
        detector_scores(len(labels), predicted, truth, matching),
        scenes,
        snapshot=lambda ended: detector_snapshot(
            truths, predicted, truth, matching, evaluation, ended
        ),
        report=lambda version: detector_report(
            predicted, truth, matching, evaluation, version, scenes
        ),
        images=lambda: detector_images(truths, predicted, truth, matching, evaluation),
    )
