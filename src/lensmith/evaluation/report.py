"""The evaluation report of a version: the summary file's figures and their details."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lensmith.evaluation.box_confusion import box_confusion
from lensmith.evaluation.box_precision import (
    SizePrecision,
    precision_by_size,
    precision_over_overlaps,
)
from lensmith.evaluation.boxes import Boxes, Flags, Floats
from lensmith.evaluation.calibration import (
    Calibration,
    calibrate_classifier,
    calibrate_detector,
    expected_calibration_error,
)
from lensmith.evaluation.curve import Curve, label_curve, mean_curve
from lensmith.evaluation.evaluation import Evaluation, LabelEvaluation
from lensmith.evaluation.label_scores import (
    LabelScores,
    classifier_scores,
    detector_scores,
)
from lensmith.evaluation.matching import Matching, match_candidates
from lensmith.evaluation.new_pictures import NewPictures, on_new_pictures
from lensmith.evaluation.robustness import Robustness
from lensmith.evaluation.summary import EvaluatedVersion, timestamp

LAYOUT = 1


@dataclass(frozen=True, slots=True)
class LabelReport:
    """Figures of one label at its assumed threshold, and their curve over all thresholds."""

    label: str
    threshold: float  # assumed threshold, 0..1
    precision: float
    recall: float
    f1_score: float
    true_positives: int
    false_positives: int
    false_negatives: int
    test_images: int  # test images whose ground truth contains the label
    support: int  # ground-truth images, or boxes of a detector
    average_precision: float
    calibration_error: float  # expected calibration error of the label alone
    curve: Curve  # empty without test images
    new_pictures: NewPictures | None = None  # None without test images, and in older reports


@dataclass(frozen=True, slots=True)
class ConfusionCounts:
    """Ground truth against predictions; labels in the order of the report.

    Classification: the best labels of an image, whatever the thresholds; an image of several
    labels spreads a mistake evenly, so that counts may be fractions. Detection: boxes at the
    assumed thresholds and IoU 0.5. A row, with `missed`, sums to the support of its label.
    """

    counts: tuple[tuple[float, ...], ...]  # [ground truth][predicted]
    missed: tuple[int, ...] | None = None  # [ground truth], detection only
    background: tuple[int, ...] | None = None  # [predicted] without ground truth, detection only


@dataclass(frozen=True, slots=True)
class DetectionFigures:
    average_recall: float  # ground-truth boxes matched at any confidence, mean over labels
    average_precision_50_95: float  # mean over IoU 0.5 to 0.95
    sizes: tuple[SizePrecision, ...]


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Aggregates are means over the labels with test images, as in the summary file."""

    layout: int
    task: str  # classification or detection
    evaluated: str  # UTC
    training_images: int
    testing_images: int
    precision: float
    recall: float
    f1_score: float
    average_precision: float
    labels: tuple[LabelReport, ...]  # in the order of the model
    mean_curve: Curve  # one threshold for all labels, as MinConfidence sets it
    calibration: Calibration
    confusion: ConfusionCounts
    detection: DetectionFigures | None = None
    new_pictures: NewPictures | None = None  # mean over the labels; None in older reports
    variant: str = "float32"  # precision of the one that was evaluated
    robustness: Robustness | None = None  # None in older reports


def classifier_report(
    scores: Floats,
    truth: Flags,
    evaluation: Evaluation,
    version: EvaluatedVersion,
    scenes: Sequence[int] | None = None,
) -> EvaluationReport:
    """Build the report of a classifier; `scores` and `truth` are [images, labels].

    `scenes` numbers the scene of each image; without it each shows its own.
    """
    assert evaluation.confusion is not None
    each = classifier_scores(scores, truth)
    counts = evaluation.confusion * truth.sum(axis=0)[:, None]
    return _report(
        "classification",
        version,
        evaluation,
        each,
        calibrate_classifier(scores, truth),
        ConfusionCounts(_rows(counts.round(6))),
        scenes,
    )


def detector_report(
    predicted: Boxes,
    truth: Boxes,
    matching: Matching,
    evaluation: Evaluation,
    version: EvaluatedVersion,
    scenes: Sequence[int] | None = None,
) -> EvaluationReport:
    """Build the report of a detector; `matching` is that of `predicted` and `truth`.

    `scenes` numbers the scene of each image; without it each shows its own.
    """
    each = detector_scores(len(evaluation.labels), predicted, truth, matching)
    mixed = box_confusion(predicted, truth, matching, np.array(evaluation.thresholds))
    return _report(
        "detection",
        version,
        evaluation,
        each,
        calibrate_detector(predicted.confidence, matching.correct),
        ConfusionCounts(
            _rows(mixed.counts.astype(np.float64)),
            tuple(mixed.missed.tolist()),
            tuple(mixed.background.tolist()),
        ),
        scenes,
        _detection_figures(predicted, truth, evaluation),
    )


def _detection_figures(predicted: Boxes, truth: Boxes, evaluation: Evaluation) -> DetectionFigures:
    candidates, labels = match_candidates(predicted, truth), len(evaluation.labels)
    return DetectionFigures(
        evaluation.average_recall,
        precision_over_overlaps(labels, predicted, truth, candidates),
        precision_by_size(labels, predicted, truth, candidates),
    )


def _report(
    task: str,
    version: EvaluatedVersion,
    evaluation: Evaluation,
    scores: Sequence[LabelScores],
    calibration: Calibration,
    confusion: ConfusionCounts,
    scenes: Sequence[int] | None,
    detection: DetectionFigures | None = None,
) -> EvaluationReport:
    overall, each = on_new_pictures(scores, scenes)
    labels = (
        _label_report(one, mine, expected)
        for one, mine, expected in zip(evaluation.labels, scores, each, strict=True)
    )
    return EvaluationReport(
        LAYOUT,
        task,
        timestamp(version.ended),
        version.training_images,
        version.testing_images,
        evaluation.precision,
        evaluation.recall,
        evaluation.f1_score,
        evaluation.average_precision,
        tuple(labels),
        mean_curve(scores),
        calibration,
        confusion,
        detection,
        overall,
    )


def _label_report(
    one: LabelEvaluation, scores: LabelScores, expected: NewPictures | None
) -> LabelReport:
    return LabelReport(
        one.label,
        one.threshold,
        one.counts.precision,
        one.counts.recall,
        one.counts.f1_score,
        one.counts.true_positives,
        one.counts.false_positives,
        one.counts.false_negatives,
        one.test_images,
        scores.positives,
        one.average_precision,
        expected_calibration_error(scores.confidence, scores.correct),
        label_curve(scores, one.threshold),
        expected,
    )


def _rows(counts: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in counts.tolist())
