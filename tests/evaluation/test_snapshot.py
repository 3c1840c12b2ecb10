"""The snapshots: shape by example, counts by reconciling them with the summary."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lensmith.domain.geometry import Box
from lensmith.evaluation.boxes import Boxes
from lensmith.evaluation.evaluation import Evaluation, evaluate_classifier, evaluate_detector
from lensmith.evaluation.ground_truth import (
    Annotator,
    GroundTruth,
    ImageSize,
    training_snapshot,
)
from lensmith.evaluation.matching import match
from lensmith.evaluation.snapshot import classifier_snapshot, detector_snapshot

ENDED = datetime(2024, 5, 6, 7, 40, 11, 123456, tzinfo=UTC)
SIZE = ImageSize(800, 600)
FOG = GroundTruth(
    "s3://lab/img/a1.png", 1, labels=(("fog", Annotator("yes", "2024-02-03T04:05:06.000007")),)
)
BOLT = GroundTruth(
    "s3://lab/img/b7.jpg",
    7,
    boxes=(("bolt", Box(10 / 800, 20 / 600, 90 / 800, 40 / 600)),),
    size=SIZE,
    annotator=Annotator("yes", "2024-02-03T04:05:06.123Z"),
)
Reader = Callable[[Iterable[bytes]], Counter[tuple[str, str]]]
PROPERTY = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def details(**raised: bool) -> dict[str, Any]:
    return {
        "version": 1,
        "ground-truth-labelling-jobs": ["rekognition-custom-labels-training-job"],
        "is-true-positive": False,
        "is-true-negative": False,
        "is-false-positive": False,
        "is-false-negative": False,
        "is-present-in-ground-truth": False,
        **{name.replace("_", "-"): value for name, value in raised.items()},
    }


def test_training_line_of_labels() -> None:
    assert _lines(training_snapshot([FOG])) == [
        {
            "source-ref": "s3://lab/img/a1.png",
            "rekognition-custom-labels-training-0": 1,
            "rekognition-custom-labels-training-0-metadata": {
                "confidence": 1.0,
                "job-name": "rekognition-custom-labels-training-job",
                "class-name": "fog",
                "human-annotated": "yes",
                "creation-date": "2024-02-03T04:05:06.000007",
                "type": "groundtruth/image-classification",
            },
            "rekognition-custom-labels-object-id": 1,
            "line-idx": 1,
        }
    ]


def test_training_line_of_boxes() -> None:
    first, second = _lines(training_snapshot([FOG, BOLT]))
    assert first["rekognition-custom-labels-object-id"] == 1
    assert second == {
        "source-ref": "s3://lab/img/b7.jpg",
        "rekognition-custom-labels-training-0": {
            "annotations": [{"class_id": 0, "left": 10, "top": 20, "width": 90, "height": 40}],
            "image_size": [{"width": 800, "height": 600, "depth": 3}],
        },
        "rekognition-custom-labels-training-0-metadata": {
            "job-name": "rekognition-custom-labels-training-job",
            "class-map": {"0": "bolt"},
            "human-annotated": "yes",
            "objects": [{"confidence": 1.0}],
            "creation-date": "2024-02-03T04:05:06.123Z",
            "type": "groundtruth/object-detection",
        },
        "rekognition-custom-labels-object-id": 2,
        "line-idx": 7,
    }


def test_several_labels_are_numbered() -> None:
    image = GroundTruth("s3://b/k", 3, labels=(("fog", Annotator()), ("sun", Annotator())))
    (line,) = _lines(training_snapshot([image]))
    names = [
        line[f"rekognition-custom-labels-training-{n}-metadata"]["class-name"] for n in range(2)
    ]
    assert names == ["fog", "sun"]


def test_testing_line_of_a_classifier() -> None:
    scores, truth = np.array([[0.871254321, 0.1]]), np.array([[True, False]])
    evaluation = evaluate_classifier(["fog", "sun"], scores, truth)
    (line,) = _lines(classifier_snapshot([FOG], scores, truth, evaluation, ENDED))
    assert line["rekognition-custom-labels-evaluation-0"] == 1
    assert line["rekognition-custom-labels-evaluation-0-metadata"] == {
        "confidence": 0.87125,
        "job-name": "rekognition-custom-labels-evaluation-job",
        "class-name": "fog",
        "human-annotated": "no",
        "creation-date": "2024-05-06T07:40:11.123456",
        "type": "groundtruth/image-classification",
        "rekognition-custom-labels-evaluation-details": details(
            is_true_positive=True, is_present_in_ground_truth=True
        ),
    }
    second = line["rekognition-custom-labels-evaluation-1-metadata"]
    assert second["class-name"] == "sun"
    assert second["rekognition-custom-labels-evaluation-details"] == details(is_true_negative=True)
    assert list(line)[-2:] == ["rekognition-custom-labels-object-id", "line-idx"]


def test_testing_line_of_a_detector() -> None:
    found = Box(12 / 800, 19 / 600, 88 / 800, 41 / 600)
    false = Box(500 / 800, 300 / 600, 40 / 800, 40 / 600)
    line = _detected([(0, 0.93, found), (0, 0.941, false)])
    assert line["rekognition-custom-labels-evaluation"] == {
        "annotations": [
            {"class_id": 0, "left": 12, "top": 19, "width": 88, "height": 41},
            {"class_id": 0, "left": 500, "top": 300, "width": 40, "height": 40},
        ],
        "image_size": [{"width": 800, "height": 600, "depth": 3}],
    }
    assert line["rekognition-custom-labels-evaluation-metadata"] == {
        "confidence": 0.941,
        "job-name": "rekognition-custom-labels-evaluation-job",
        "class-map": {"0": "bolt"},
        "human-annotated": "no",
        "objects": [
            {
                "confidence": 0.93,
                "rekognition-custom-labels-evaluation-details": details(
                    is_true_positive=True, is_present_in_ground_truth=True
                ),
            },
            {
                "confidence": 0.941,
                "rekognition-custom-labels-evaluation-details": details(is_false_positive=True),
            },
        ],
        "creation-date": "2024-05-06T07:40:11.123456",
        "type": "groundtruth/object-detection",
    }


def test_a_box_found_by_nothing_is_added_as_a_false_negative() -> None:
    line = _detected([])
    metadata = line["rekognition-custom-labels-evaluation-metadata"]
    assert metadata["confidence"] == 0.0
    assert metadata["objects"] == [
        {
            "confidence": 0.0,
            "rekognition-custom-labels-evaluation-details": details(
                is_false_negative=True, is_present_in_ground_truth=True
            ),
        }
    ]
    (box,) = line["rekognition-custom-labels-evaluation"]["annotations"]
    assert box == line["rekognition-custom-labels-training-0"]["annotations"][0]


def _detected(predictions: list[tuple[int, float, Box]]) -> Any:
    predicted = Boxes.collect([predictions])
    truth = Boxes.collect([[(0, 1.0, box) for _, box in BOLT.boxes]])
    matching = match(predicted, truth)
    evaluation = evaluate_detector(["bolt"], predicted, truth, matching)
    (line,) = _lines(detector_snapshot([BOLT], predicted, truth, matching, evaluation, ENDED))
    return line


@given(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_boxes_in_pixels_stay_in_the_image(x: float, y: float, width: float, height: float) -> None:
    pixels = SIZE.pixels(Box(x, y, width, height))
    assert 0 <= pixels["left"] < pixels["left"] + pixels["width"] <= 800
    assert 0 <= pixels["top"] < pixels["top"] + pixels["height"] <= 600


@PROPERTY
@given(seed=st.integers(0, 10_000))
def test_a_classifier_snapshot_reconciles_with_its_summary(
    seed: int, classified_set: Callable[..., Any], count_outcomes: Reader
) -> None:
    data = classified_set(seed)
    evaluation = evaluate_classifier(data.labels, data.scores, data.truth)
    images = [
        GroundTruth(
            f"s3://b/{number}",
            number + 1,
            labels=tuple((data.labels[one], Annotator()) for one in np.flatnonzero(row)),
        )
        for number, row in enumerate(data.truth)
    ]
    snapshot = classifier_snapshot(images, data.scores, data.truth, evaluation, ENDED)
    counts = count_outcomes(snapshot)
    _reconcile(evaluation, counts)
    assert sum(counts.values()) == data.truth.size


@PROPERTY
@given(seed=st.integers(0, 10_000))
def test_a_detector_snapshot_reconciles_with_its_summary(
    seed: int, detected_set: Callable[..., Any], count_outcomes: Reader
) -> None:
    data = detected_set(seed)
    matching = match(data.predicted, data.truth)
    evaluation = evaluate_detector(data.labels, data.predicted, data.truth, matching)
    images = [
        GroundTruth(
            f"s3://b/{number}",
            number + 1,
            boxes=tuple(
                (data.labels[data.truth.label[index]], data.truth.box(int(index)))
                for index in np.flatnonzero(data.truth.image == number)
            ),
            size=SIZE,
        )
        for number in range(data.images)
    ]
    counts = count_outcomes(
        detector_snapshot(images, data.predicted, data.truth, matching, evaluation, ENDED)
    )
    _reconcile(evaluation, counts)
    for number, label in enumerate(data.labels):
        present = counts[label, "is-true-positive"] + counts[label, "is-false-negative"]
        assert present == np.count_nonzero(data.truth.label == number)


def _reconcile(evaluation: Evaluation, counts: Counter[tuple[str, str]]) -> None:
    """Metrics recomputed from the flags of the snapshot alone."""
    for one in evaluation.labels:
        right = counts[one.label, "is-true-positive"]
        wrong = counts[one.label, "is-false-positive"]
        missed = counts[one.label, "is-false-negative"]
        assert one.counts.precision == pytest.approx(right / max(right + wrong, 1))
        assert one.counts.recall == pytest.approx(right / max(right + missed, 1))
        assert one.counts.f1_score == pytest.approx(2 * right / max(2 * right + wrong + missed, 1))


def _lines(snapshot: Iterable[bytes]) -> list[Any]:
    lines = list(snapshot)
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines)
    return [json.loads(line) for line in lines]
