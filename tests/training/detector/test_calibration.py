"""Platt scaling against scikit-learn's logistic regression."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from lensmith.evaluation.boxes import Flags, Floats
from lensmith.evaluation.calibration import expected_calibration_error
from lensmith.training.detector.calibration import (
    MIN_SLOPE,
    PRIOR_BOXES,
    PRIOR_CONFIDENCES,
    UNCALIBRATED,
    fit_box_calibration,
)


def drawn(seed: int, count: int, slope: float, offset: float) -> tuple[Floats, Flags]:
    """Confidences as of a detector, most of them low, and boxes right as the scaling says."""
    rng = np.random.default_rng(seed)
    confidence = rng.beta(0.4, 1.2, count).clip(0.001, 0.999)
    return confidence, rng.random(count) < expit(slope * logit(confidence) + offset)


@pytest.mark.parametrize("count", [3, 40, 2000])
@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.5, -1.0), (2.0, 0.7)])
def test_it_is_the_logistic_regression_with_the_made_up_boxes(
    count: int, slope: float, offset: float
) -> None:
    confidence, correct = drawn(count, count, slope, offset)
    # scikit-learn takes no shares: a made-up box is a right and a wrong one, weighted.
    features = logit(np.concatenate([confidence, PRIOR_CONFIDENCES, PRIOR_CONFIDENCES]))
    truth = np.repeat([0, 1, 0], [count, 10, 10])
    truth[:count] = correct
    each = PRIOR_BOXES / len(PRIOR_CONFIDENCES)
    weight = np.concatenate(
        [np.ones(count), each * PRIOR_CONFIDENCES, each * (1 - PRIOR_CONFIDENCES)]
    )
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(features[:, None], truth, weight)
    found = fit_box_calibration(confidence, correct)
    assert found.slope == pytest.approx(model.coef_.item(), abs=1e-3)
    assert found.offset == pytest.approx(model.intercept_.item(), abs=1e-3)


def test_boxes_to_come_are_right_as_often_as_they_say() -> None:
    found = fit_box_calibration(*drawn(1, 3000, 0.6, -0.8))
    assert found.slope == pytest.approx(0.6, abs=0.06)
    assert found.offset == pytest.approx(-0.8, abs=0.15)
    confidence, correct = drawn(2, 3000, 0.6, -0.8)
    scaled = expit(found.slope * logit(confidence) + found.offset)
    assert expected_calibration_error(confidence, correct) > 0.08
    assert expected_calibration_error(scaled, correct) < 0.03


def test_nothing_learnt_changes_nothing() -> None:
    found = fit_box_calibration(np.zeros(0), np.zeros(0, np.bool_))
    assert (found.slope, found.offset) == pytest.approx((1.0, 0.0), abs=1e-6)
    assert (UNCALIBRATED.slope, UNCALIBRATED.offset) == (1.0, 0.0)


@pytest.mark.parametrize("correct", [True, False])
def test_the_few_that_are_all_right_or_all_wrong_change_little(correct: bool) -> None:
    found = fit_box_calibration(np.array([0.9, 0.6, 0.1]), np.full(3, correct))
    assert 0.3 < found.slope < 2
    assert abs(found.offset) < 1


def test_the_order_stays_even_where_confidences_mislead() -> None:
    confidence = np.linspace(0.01, 0.99, 500)
    found = fit_box_calibration(confidence, confidence < 0.5)
    assert found.slope == MIN_SLOPE
