"""The report: every figure of the summary file, and what lies behind it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.support.evaluated import VERSION, evaluated_boards, evaluated_flowers

from lensmith.evaluation.calibration import Basis
from lensmith.evaluation.evaluation import evaluate_classifier
from lensmith.evaluation.report import EvaluationReport, classifier_report
from lensmith.evaluation.summary import encode_summary


def test_of_a_classifier() -> None:
    report = evaluated_flowers().report
    assert [each.threshold for each in report.labels] == [0.25, 0.42, 0.42]
    assert [each.f1_score for each in report.labels] == pytest.approx([0.8, 0.8, 0.8])
    assert report.f1_score == pytest.approx(0.8)
    assert report.confusion.counts == ((1.0, 1.0, 0.0), (0.0, 2.0, 0.0), (1.0, 0.0, 2.0))
    assert report.calibration.basis is Basis.TOP_LABEL
    # Said 0.9 twice, 0.8 twice, 0.7 once and 0.6 twice; wrong once at 0.8 and once at 0.6.
    assert report.calibration.expected_error == pytest.approx(
        (2 * 0.1 + 2 * abs(0.8 - 0.5) + 0.3 + 2 * abs(0.6 - 0.5)) / 7
    )
    assert report.detection is None
    assert (report.training_images, report.testing_images) == (20, 7)


def test_of_a_detector() -> None:
    report = evaluated_boards().report
    assert [each.threshold for each in report.labels] == [0.4, 0.32]
    assert [each.support for each in report.labels] == [2, 2]
    assert report.confusion.counts == ((1.0, 1.0), (0.0, 2.0))
    assert (report.confusion.missed, report.confusion.background) == ((0, 0), (0, 0))
    assert report.calibration.basis is Basis.BOXES
    assert report.detection is not None
    assert [(each.size.value, each.boxes) for each in report.detection.sizes] == [
        ("small", 0),
        ("medium", 0),
        ("large", 4),
    ]
    # Chip: 1 of 2 found. Lamp: right at ranks 2 and 3, monotone precision 2/3 at both.
    assert report.average_precision == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert report.detection.sizes[2].average_precision == report.average_precision
    # Every box found lies exactly on the ground truth.
    assert report.detection.average_precision_50_95 == pytest.approx(report.average_precision)
    assert report.detection.average_recall == pytest.approx((1 / 2 + 1) / 2)


def test_it_says_what_the_summary_file_says(classified_set: Callable[..., Any]) -> None:
    given = classified_set(5)
    evaluation = evaluate_classifier(given.labels, given.scores, given.truth)
    report = classifier_report(given.scores, given.truth, evaluation, VERSION)
    summary = json.loads(encode_summary(evaluation, VERSION))
    assert report.evaluated == summary["EvaluationDetails"]["EvaluationEndTimestamp"]
    assert report.f1_score == summary["AggregatedEvaluationResults"]["F1Score"]
    ours = {each.label: each for each in report.labels}
    for theirs in summary["LabelEvaluationResults"]:
        one, metrics = ours[theirs["Label"]], theirs["Metrics"]
        assert one.test_images == theirs["NumberOfTestingImages"]
        assert (one.f1_score, one.precision) == (metrics["F1Score"], metrics["Precision"])
        assert (one.recall, one.threshold) == (metrics["Recall"], metrics["Threshold"])
        if one.curve.thresholds:
            at = int(np.searchsorted(one.curve.thresholds, one.threshold))
            assert one.curve.f1_score[at] == pytest.approx(one.f1_score, abs=1e-6)
    shares = {
        (cell["GroundTruthLabel"], cell["PredictedLabel"]): cell["Value"]
        for cell in summary["AggregatedEvaluationResults"]["ConfusionMatrix"]
    }
    for truth, row in zip(report.labels, report.confusion.counts, strict=True):
        assert np.sum(row) == pytest.approx(truth.support)
        for predicted, count in zip(report.labels, row, strict=True):
            share = shares[truth.label, predicted.label]
            assert count == pytest.approx(share * truth.support, abs=1e-5)


@pytest.mark.parametrize("evaluated", [evaluated_flowers, evaluated_boards])
def test_it_survives_json(evaluated: Callable[[], Any]) -> None:
    report = evaluated().report
    assert msgspec.json.decode(msgspec.json.encode(report), type=EvaluationReport) == report
