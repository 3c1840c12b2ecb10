"""The assumed threshold against scikit-learn's F1 at every confidence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from lensmith.evaluation.threshold import RULE, ThresholdRule, assumed_threshold

COARSE = st.sampled_from([0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.99, 1.0])


STRICT = ThresholdRule(tolerance=0.0)


@settings(deadline=None)
@given(st.lists(st.tuples(COARSE, st.booleans()), min_size=1, max_size=30))
def test_f1_is_the_best_or_within_one_answer_of_it(scored: list[tuple[float, bool]]) -> None:
    confidence = np.array([score for score, _ in scored])
    truth = np.array([positive for _, positive in scored])
    if not truth.any():
        return
    positives = int(truth.sum())
    best = max(f1_at(t, confidence, truth) for t in set(confidence.tolist()))
    strict = assumed_threshold(confidence, truth, positives, STRICT)
    assert f1_at(strict, confidence, truth) == pytest.approx(best, abs=1e-9)
    chosen = assumed_threshold(confidence, truth, positives)
    assert f1_at(chosen, confidence, truth) >= best - RULE.max_loss - 1e-9
    assert f1_at(chosen, confidence, truth) >= best - 1 / (positives + 1) - 1e-9


def f1_at(threshold: float, confidence: Any, truth: Any) -> float:
    return float(f1_score(truth, confidence >= threshold, zero_division=0.0))


def test_it_lies_between_the_right_and_the_wrong_answers() -> None:
    confidence = np.array([0.99, 0.98, 0.97, 0.965, 0.03, 0.02])
    correct = np.array([True, True, True, True, False, False])
    assert 0.2 < assumed_threshold(confidence, correct, 4) < 0.8


def test_few_examples_follow_the_calibrated_confidence_many_the_answers() -> None:
    confidence = np.repeat([0.9, 0.3], [4, 4])
    correct = confidence > 0.5
    few = assumed_threshold(confidence, correct, 4)
    many = assumed_threshold(np.tile(confidence, 50), np.tile(correct, 50), 200)
    assert few <= many
    assert 0.3 < many < 0.9


def test_boxes_never_found_lower_the_recall_behind_the_choice() -> None:
    confidence, correct = np.array([0.9, 0.5, 0.4, 0.2]), np.array([True, False, False, True])
    assert assumed_threshold(confidence, correct, 8, STRICT) <= 0.2  # F1 2/9 at 0.9, 4/12 at 0.2


def test_without_examples_or_predictions_it_is_one_half() -> None:
    nothing = np.zeros(0)
    assert assumed_threshold(np.array([0.9]), np.array([False]), 0) == 0.5
    assert assumed_threshold(nothing, nothing.astype(np.bool_), 3) == 0.5


def test_when_nothing_was_right_it_is_the_highest_confidence() -> None:
    assert assumed_threshold(np.array([0.3, 0.8]), np.array([False, False]), 2) == 0.8


def test_scores_of_zero_and_one() -> None:
    confidence, correct = np.array([1.0, 1.0, 0.0, 0.0]), np.array([True, True, False, False])
    assert 0.1 < assumed_threshold(confidence, correct, 2) < 0.9
