"""The assumed threshold against scikit-learn's F1 at every candidate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from lensmith.evaluation.threshold import assumed_threshold

COARSE = st.sampled_from([0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.99, 1.0])


@given(st.lists(st.tuples(COARSE, st.booleans()), min_size=1, max_size=30))
def test_no_candidate_has_a_better_f1_and_none_as_good_is_higher(
    scored: list[tuple[float, bool]],
) -> None:
    confidence = np.array([score for score, _ in scored])
    truth = np.array([positive for _, positive in scored])
    if not truth.any():
        return
    chosen = assumed_threshold(confidence, truth, int(truth.sum()))
    f1 = {t: f1_score(truth, confidence >= t, zero_division=0.0) for t in set(confidence.tolist())}
    best = max(f1.values())
    assert chosen == max(t for t, value in f1.items() if value == pytest.approx(best, abs=1e-12))


def test_boxes_never_found_lower_the_recall_behind_the_choice() -> None:
    confidence, correct = np.array([0.9, 0.5, 0.4, 0.2]), np.array([True, False, False, True])
    assert assumed_threshold(confidence, correct, 2) == 0.9  # F1 2/3 at 0.9, 2/3 at 0.2
    assert assumed_threshold(confidence, correct, 8) == 0.2  # F1 2/9 at 0.9, 4/12 at 0.2


def test_without_examples_or_predictions_it_is_one_half() -> None:
    nothing = np.zeros(0)
    assert assumed_threshold(np.array([0.9]), np.array([False]), 0) == 0.5
    assert assumed_threshold(nothing, nothing.astype(np.bool_), 3) == 0.5


def test_when_nothing_was_right_it_is_the_highest_confidence() -> None:
    assert assumed_threshold(np.array([0.3, 0.8]), np.array([False, False]), 2) == 0.8
