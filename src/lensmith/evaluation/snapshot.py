"""The testing snapshot: ground truth beside predictions (evaluation.md 4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np

from lensmith.domain.geometry import Box
from lensmith.evaluation.boxes import Boxes, Flags, Floats, Indices
from lensmith.evaluation.evaluation import Evaluation
from lensmith.evaluation.ground_truth import (
    LABELLING_JOB,
    GroundTruth,
    box_value,
    encode_line,
)
from lensmith.evaluation.matching import Matching
from lensmith.evaluation.summary import timestamp

_ATTRIBUTE = "rekognition-custom-labels-evaluation"
_JOB = "rekognition-custom-labels-evaluation-job"


class PredictionOutcome(StrEnum):
    """Outcome of a prediction at the threshold of its label (evaluation.md 2.2)."""

    TRUE_POSITIVE = "is-true-positive"
    TRUE_NEGATIVE = "is-true-negative"
    FALSE_POSITIVE = "is-false-positive"
    FALSE_NEGATIVE = "is-false-negative"

    @classmethod
    def of(cls, confidence: float, threshold: float, present: bool) -> PredictionOutcome:
        """Classify a prediction; `present` means in the ground truth, for a box that it matched."""
        if confidence >= threshold:
            return cls.TRUE_POSITIVE if present else cls.FALSE_POSITIVE
        return cls.FALSE_NEGATIVE if present else cls.TRUE_NEGATIVE

    @property
    def present(self) -> bool:
        return self in {PredictionOutcome.TRUE_POSITIVE, PredictionOutcome.FALSE_NEGATIVE}


@dataclass(frozen=True, slots=True)
class JudgedBox:
    label: str
    box: Box
    confidence: float
    outcome: PredictionOutcome


def classifier_snapshot(
    images: Sequence[GroundTruth],
    scores: Floats,
    truth: Flags,
    evaluation: Evaluation,
    ended: datetime,
) -> Iterator[bytes]:
    """Yield the lines of the testing snapshot; every label of the model on every image.

    `scores` and `truth` are [images, labels], as they were evaluated.
    """
    for number, image in enumerate(images):
        attributes: dict[str, Any] = {}
        for rank, label in enumerate(np.argsort(-scores[number], kind="stable")):
            one = evaluation.labels[label]
            confidence = float(scores[number, label])
            outcome = PredictionOutcome.of(confidence, one.threshold, bool(truth[number, label]))
            attributes[f"{_ATTRIBUTE}-{rank}"] = 1
            attributes[f"{_ATTRIBUTE}-{rank}-metadata"] = {
                "confidence": round(confidence, 5),
                "job-name": _JOB,
                "class-name": one.label,
                "human-annotated": "no",
                "creation-date": timestamp(ended),
                "type": "groundtruth/image-classification",
                f"{_ATTRIBUTE}-details": _details(outcome),
            }
        yield encode_line(image, number + 1, attributes)


def detector_snapshot(
    images: Sequence[GroundTruth],
    predicted: Boxes,
    truth: Boxes,
    matching: Matching,
    evaluation: Evaluation,
    ended: datetime,
) -> Iterator[bytes]:
    """Yield the lines of the testing snapshot; predictions first, then unmatched ground truth."""
    missed_of = _slices(truth, len(images))
    found_of = _slices(predicted, len(images))
    for number, image in enumerate(images):
        found = [
            _predicted_box(predicted, matching, evaluation, index) for index in found_of[number]
        ]
        missed = [
            _missed_box(truth, evaluation, index)
            for index in missed_of[number]
            if not matching.found[index]
        ]
        yield encode_line(image, number + 1, _box_attribute(image, found + missed, ended))


def _predicted_box(
    predicted: Boxes, matching: Matching, evaluation: Evaluation, index: int
) -> JudgedBox:
    one = evaluation.labels[predicted.label[index]]
    confidence = float(predicted.confidence[index])
    outcome = PredictionOutcome.of(confidence, one.threshold, bool(matching.correct[index]))
    return JudgedBox(one.label, predicted.box(index), confidence, outcome)


def _missed_box(truth: Boxes, evaluation: Evaluation, index: int) -> JudgedBox:
    label = evaluation.labels[truth.label[index]].label
    return JudgedBox(label, truth.box(index), 0.0, PredictionOutcome.FALSE_NEGATIVE)


def _box_attribute(image: GroundTruth, boxes: list[JudgedBox], ended: datetime) -> dict[str, Any]:
    assert image.size is not None
    value, class_map = box_value([(one.label, one.box) for one in boxes], image.size)
    metadata = {
        "confidence": round(max((one.confidence for one in boxes), default=0.0), 5),
        "job-name": _JOB,
        "class-map": class_map,
        "human-annotated": "no",
        "objects": [
            {"confidence": round(one.confidence, 5), f"{_ATTRIBUTE}-details": _details(one.outcome)}
            for one in boxes
        ],
        "creation-date": timestamp(ended),
        "type": "groundtruth/object-detection",
    }
    return {_ATTRIBUTE: value, f"{_ATTRIBUTE}-metadata": metadata}


def _details(outcome: PredictionOutcome) -> dict[str, Any]:
    return {
        "version": 1,
        "ground-truth-labelling-jobs": [LABELLING_JOB],
        **{flag.value: flag is outcome for flag in PredictionOutcome},
        "is-present-in-ground-truth": outcome.present,
    }


def _slices(boxes: Boxes, images: int) -> list[Indices]:
    """Return the indices of the boxes of each image."""
    edges = np.searchsorted(boxes.image, np.arange(images + 1))
    return [np.arange(edges[number], edges[number + 1]) for number in range(images)]
