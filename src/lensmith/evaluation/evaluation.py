"""Evaluates predictions on the test set against its ground truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from lensmith.evaluation.boxes import Boxes, Flags, Floats
from lensmith.evaluation.confusion import confusion_matrix
from lensmith.evaluation.matching import Matching
from lensmith.evaluation.metrics import Counts, average_precision, count
from lensmith.evaluation.threshold import assumed_threshold


@dataclass(frozen=True, slots=True)
class LabelEvaluation:
    """One label on the test set."""

    label: str
    threshold: float  # assumed threshold, 0..1
    counts: Counts
    test_images: int  # test images whose ground truth contains the label
    average_precision: float  # at IoU 0.5 for boxes, regardless of the threshold
    average_recall: float  # positives found at any confidence


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A model on its test set; aggregates are means over the labels that were tested."""

    labels: tuple[LabelEvaluation, ...]  # in the order of the model
    confusion: Floats | None = None  # [ground truth, predicted]; None for a detector

    @property
    def precision(self) -> float:
        return _mean([one.counts.precision for one in self.tested])

    @property
    def recall(self) -> float:
        return _mean([one.counts.recall for one in self.tested])

    @property
    def f1_score(self) -> float:
        """Mean of the labels' F1, not the F1 of the means (evaluation.md 2.4)."""
        return _mean([one.counts.f1_score for one in self.tested])

    @property
    def average_precision(self) -> float:
        return _mean([one.average_precision for one in self.tested])

    @property
    def average_recall(self) -> float:
        return _mean([one.average_recall for one in self.tested])

    @property
    def tested(self) -> tuple[LabelEvaluation, ...]:
        """The labels that the test set has examples of."""
        return tuple(one for one in self.labels if one.test_images > 0)

    @property
    def thresholds(self) -> tuple[float, ...]:
        """Assumed thresholds in the order of the model's labels."""
        return tuple(one.threshold for one in self.labels)


def evaluate_classifier(labels: Sequence[str], scores: Floats, truth: Flags) -> Evaluation:
    """Evaluate confidences against image-level labels, both [images, labels]."""
    evaluated = []
    for number, label in enumerate(labels):
        images = int(np.count_nonzero(truth[:, number]))
        evaluated.append(_evaluate(label, scores[:, number], truth[:, number], images, images))
    return Evaluation(tuple(evaluated), confusion_matrix(scores, truth))


def evaluate_detector(
    labels: Sequence[str], predicted: Boxes, truth: Boxes, matching: Matching
) -> Evaluation:
    """Evaluate matched boxes; `matching` is that of `predicted` and `truth`."""
    evaluated = []
    for number, label in enumerate(labels):
        mine, wanted = predicted.label == number, truth.label == number
        images = len(np.unique(truth.image[wanted]))
        positives = int(np.count_nonzero(wanted))
        evaluated.append(
            _evaluate(label, predicted.confidence[mine], matching.correct[mine], positives, images)
        )
    return Evaluation(tuple(evaluated))


def _evaluate(
    label: str, confidence: Floats, correct: Flags, positives: int, images: int
) -> LabelEvaluation:
    threshold = assumed_threshold(confidence, correct, positives)
    return LabelEvaluation(
        label=label,
        threshold=threshold,
        counts=count(confidence, correct, positives, threshold),
        test_images=images,
        average_precision=average_precision(confidence, correct, positives),
        average_recall=int(np.count_nonzero(correct)) / positives if positives else 0.0,
    )


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else 0.0
