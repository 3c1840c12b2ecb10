"""The evaluation summary as its readers read it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from lensmith.evaluation.evaluation import Evaluation, evaluate_classifier, evaluate_detector
from lensmith.evaluation.matching import match
from lensmith.evaluation.summary import EvaluatedVersion, encode_summary

ARN = "arn:aws:rekognition:us-east-1:111122223333:project/sky/version/v1/1714980000000"
VERSION = EvaluatedVersion(
    ARN,
    training_images=80,
    testing_images=20,
    ended=datetime(2024, 5, 6, 7, 40, 11, 123456, tzinfo=UTC),
)


@pytest.fixture
def classifier(classified_set: Callable[..., Any]) -> Evaluation:
    given = classified_set(1)
    return evaluate_classifier(given.labels[::-1], given.scores, given.truth)


@pytest.fixture
def detector(detected_set: Callable[..., Any]) -> Evaluation:
    given = detected_set(1)
    matching = match(given.predicted, given.truth)
    return evaluate_detector(given.labels, given.predicted, given.truth, matching)


def test_aggregates_of_a_classifier_lie_flat(classifier: Evaluation) -> None:
    aggregate = _read(classifier)["AggregatedEvaluationResults"]
    assert set(aggregate) == {"ConfusionMatrix", "F1Score", "Precision", "Recall"}
    assert aggregate["F1Score"] == classifier.f1_score


def test_aggregates_of_a_detector_have_averages_and_no_matrix(detector: Evaluation) -> None:
    aggregate = _read(detector)["AggregatedEvaluationResults"]
    expected = {"AveragePrecision", "AverageRecall", "F1Score", "Precision", "Recall"}
    assert set(aggregate) == expected
    assert aggregate["AverageRecall"] >= aggregate["Recall"]


def test_details(classifier: Evaluation) -> None:
    summary = _read(classifier)
    assert summary["Version"] == 1
    assert summary["EvaluationDetails"] == {
        "EvaluationEndTimestamp": "2024-05-06T07:40:11.123456",
        "Labels": ["label 0", "label 1", "label 2", "label 3", "label 4"],
        "NumberOfTestingImages": 20,
        "NumberOfTrainingImages": 80,
        "ProjectVersionArn": ARN,
    }


def test_a_whole_second_keeps_its_microseconds(classifier: Evaluation) -> None:
    ended = datetime(2024, 5, 6, 7, 40, 11, tzinfo=UTC)
    summary = json.loads(encode_summary(classifier, EvaluatedVersion(ARN, 1, 1, ended)))
    assert summary["EvaluationDetails"]["EvaluationEndTimestamp"] == "2024-05-06T07:40:11.000000"


def test_labels_are_ranked_by_f1_then_name(detector: Evaluation) -> None:
    results = _read(detector)["LabelEvaluationResults"]
    ranks = [(-one["Metrics"]["F1Score"], one["Label"]) for one in results]
    assert ranks == sorted(ranks)
    assert set(results[0]) == {"Label", "Metrics", "NumberOfTestingImages"}
    assert set(results[0]["Metrics"]) == {"F1Score", "Precision", "Recall", "Threshold"}


def test_a_reader_pivots_the_confusion_matrix(classifier: Evaluation) -> None:
    table = pivot(_read(classifier))
    names = {f"label {n}" for n in range(5)}
    assert set(table) == names
    assert all(set(row) == names for row in table.values())
    tested = {one.label for one in classifier.tested}
    sums = {truth: sum(table[predicted][truth] for predicted in names) for truth in names}
    assert sums == pytest.approx({name: float(name in tested) for name in names})


def test_the_same_reader_refuses_a_detector(detector: Evaluation) -> None:
    with pytest.raises(AssertionError, match="Confusion matrix not found"):
        pivot(_read(detector))


def pivot(summary: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Predicted label x ground-truth label -> mean value, as a confusion-matrix script does it."""
    assert "ConfusionMatrix" in summary["AggregatedEvaluationResults"], (
        "Confusion matrix not found in the summary."
    )
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    for cell in summary["AggregatedEvaluationResults"]["ConfusionMatrix"]:
        values[cell["PredictedLabel"], cell["GroundTruthLabel"]].append(float(cell["Value"]))
    labels = sorted({label for pair in values for label in pair})
    return {
        predicted: {
            truth: sum(values[predicted, truth]) / max(len(values[predicted, truth]), 1)
            for truth in labels
        }
        for predicted in labels
    }


def _read(evaluation: Evaluation) -> Any:
    return json.loads(encode_summary(evaluation, VERSION))
