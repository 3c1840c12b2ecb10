"""Calibration against scikit-learn's reliability curve, and by example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from tests.evaluation.coco import coco_evaluation
from tests.support.evaluated import VERSION

from lensmith.evaluation.boxes import Flags, Floats
from lensmith.evaluation.calibration import (
    Basis,
    calibrate_classifier,
    calibrate_detector,
    expected_calibration_error,
)
from lensmith.evaluation.evaluation import evaluate_detector
from lensmith.evaluation.matching import match
from lensmith.evaluation.report import detector_report


def drawn(seed: int, count: int = 500) -> tuple[Floats, Flags]:
    """Confidences that are right less often than they say."""
    random = np.random.default_rng(seed)
    confidence = random.random(count)
    return confidence, random.random(count) < confidence**2


@pytest.mark.parametrize("seed", range(5))
def test_the_bins_are_those_of_scikit_learn(seed: int) -> None:
    confidence, correct = drawn(seed)
    accuracy, mean = calibration_curve(correct, confidence, n_bins=10, strategy="uniform")
    calibration = calibrate_detector(confidence, correct)
    assert [each.accuracy for each in calibration.bins] == pytest.approx(accuracy.tolist())
    assert [each.confidence for each in calibration.bins] == pytest.approx(mean.tolist())
    assert sum(each.count for each in calibration.bins) == 500
    gaps = np.abs(accuracy - mean)
    counts = [each.count for each in calibration.bins]
    assert calibration.expected_error == pytest.approx(np.average(gaps, weights=counts))
    assert calibration.average_error == pytest.approx(gaps.mean())


@pytest.mark.parametrize("seed", range(3))
def test_the_report_of_a_detector_compares_boxes_with_what_coco_matches_at_half_overlap(
    seed: int, detected_set: Callable[..., Any]
) -> None:
    drawn = detected_set(seed, images=40)
    coco = coco_evaluation(drawn, label=None, recalls=[1.0], overlaps=[0.5])
    correct = np.zeros(len(drawn.predicted), dtype=np.bool_)
    correct[[int(key.split("_")[0]) - 1 for key in coco.eval["matched"]]] = True
    confidence = drawn.predicted.confidence
    accuracy, mean = calibration_curve(correct, confidence, n_bins=10, strategy="uniform")
    counts, _ = np.histogram(confidence, bins=10, range=(0, 1))
    matching = match(drawn.predicted, drawn.truth)
    evaluation = evaluate_detector(drawn.labels, drawn.predicted, drawn.truth, matching)
    report = detector_report(drawn.predicted, drawn.truth, matching, evaluation, VERSION)
    assert report.calibration.basis is Basis.BOXES
    assert report.calibration.expected_error == pytest.approx(
        np.average(np.abs(accuracy - mean), weights=counts[counts > 0])
    )


def test_by_hand() -> None:
    calibration = calibrate_detector(
        np.array([0.95, 0.85, 0.15, 0.1]), np.array([True, False, False, False])
    )
    assert calibration.basis is Basis.BOXES
    assert [each.count for each in calibration.bins] == [1, 1, 0, 0, 0, 0, 0, 0, 1, 1]
    assert calibration.expected_error == pytest.approx((0.05 + 0.85 + 0.15 + 0.1) / 4)
    assert calibration.average_error == calibration.expected_error


def test_images_of_one_label_are_judged_by_their_top_label() -> None:
    scores = np.array([[0.8, 0.3], [0.6, 0.7]])
    calibration = calibrate_classifier(scores, np.array([[True, False], [True, False]]))
    assert calibration.basis is Basis.TOP_LABEL
    assert sum(each.count for each in calibration.bins) == 2
    assert calibration.expected_error == pytest.approx((0.2 + 0.7) / 2)


def test_images_of_several_labels_are_judged_by_every_label() -> None:
    scores = np.array([[0.8, 0.3], [0.6, 0.7]])
    calibration = calibrate_classifier(scores, np.array([[True, True], [True, False]]))
    assert calibration.basis is Basis.EACH_LABEL
    assert sum(each.count for each in calibration.bins) == 4


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans())))
def test_an_error_is_a_share(pairs: list[tuple[float, bool]]) -> None:
    confidence = np.array([confidence for confidence, _ in pairs])
    correct = np.array([correct for _, correct in pairs], dtype=np.bool_)
    assert 0.0 <= expected_calibration_error(confidence, correct) <= 1.0


def test_certainty_that_is_always_right_has_no_error() -> None:
    assert expected_calibration_error(np.ones(4), np.ones(4, dtype=np.bool_)) == 0.0
    assert expected_calibration_error(np.zeros(4), np.zeros(4, dtype=np.bool_)) == 0.0
