"""Metrics against scikit-learn and the published numbers (evaluation.md 2.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve, precision_recall_fscore_support

from lensmith.evaluation.boxes import Flags, Floats
from lensmith.evaluation.evaluation import evaluate_classifier
from lensmith.evaluation.metrics import Counts, average_precision, count, f1_score


@pytest.mark.parametrize(
    ("precision", "recall", "published"),
    [(0.9, 1.0, 0.947), (0.30, 1.0, 0.46), (0.95, 0.20, 0.33), (1.0, 0.75, 0.857)],
)
def test_published_f1(precision: float, recall: float, published: float) -> None:
    assert f1_score(precision, recall) == pytest.approx(published, abs=0.002)


def test_published_counts() -> None:
    assert Counts(8, 1, 0).precision == pytest.approx(0.89, abs=0.002)
    assert Counts(5, 0, 3).recall == 0.625


def test_nothing_counted_gives_zeros() -> None:
    assert (Counts(0, 0, 0).precision, Counts(0, 0, 0).recall, Counts(0, 0, 0).f1_score) == (0,) * 3


def test_the_sample_of_the_guide_to_its_last_digit() -> None:
    truth = np.zeros((624, 2), dtype=np.bool_)
    truth[:390, 0], truth[390:, 1] = True, True
    scores = np.zeros((624, 2))
    scores[:, 0] = _scores(truth[:, 0], true_positives=381, false_positives=7)
    scores[:, 1] = _scores(truth[:, 1], true_positives=227, false_positives=9)
    evaluation = evaluate_classifier(["CAP", "WATCH"], scores, truth)
    assert [one.counts for one in evaluation.labels] == [Counts(381, 7, 9), Counts(227, 9, 7)]
    assert evaluation.precision == pytest.approx(0.97191158, abs=5e-9)
    assert evaluation.recall == pytest.approx(0.97350427, abs=5e-9)
    assert evaluation.f1_score == pytest.approx(0.97269594705, abs=5e-12)


def _scores(truth: Flags, true_positives: int, false_positives: int) -> Floats:
    """Confidences whose best threshold leaves exactly these outcomes."""
    scores = np.full(len(truth), 0.01)
    scores[np.flatnonzero(truth)[:true_positives]] = 0.9
    scores[np.flatnonzero(~truth)[:false_positives]] = 0.9
    return scores


@pytest.mark.parametrize("seed", range(10))
def test_classification_agrees_with_scikit_learn(
    seed: int, classified_set: Callable[..., Any]
) -> None:
    given = classified_set(seed)
    evaluation = evaluate_classifier(given.labels, given.scores, given.truth)
    tested = [number for number, one in enumerate(evaluation.labels) if one.test_images]
    passed = given.scores >= np.array(evaluation.thresholds)
    oracle = precision_recall_fscore_support(
        given.truth[:, tested], passed[:, tested], average=None, zero_division=0.0
    )
    ours = [
        [one.counts.precision, one.counts.recall, one.counts.f1_score, one.test_images]
        for one in evaluation.tested
    ]
    np.testing.assert_allclose(np.array(ours).T, np.array(oracle))
    assert [evaluation.precision, evaluation.recall, evaluation.f1_score] == pytest.approx(
        [figure.mean() for figure in oracle[:3]]
    )


def test_an_untested_label_counts_in_no_mean(classified_set: Callable[..., Any]) -> None:
    given = classified_set(3, labels=4)
    evaluation = evaluate_classifier(given.labels, given.scores, given.truth)
    untested = evaluation.labels[-1]
    assert (untested.test_images, untested.threshold, untested.counts.f1_score) == (0, 0.5, 0.0)
    assert untested not in evaluation.tested


@pytest.mark.parametrize("seed", range(10))
def test_average_precision_is_the_area_under_the_monotone_curve(seed: int) -> None:
    random = np.random.default_rng(seed)
    correct = random.random(50) < 0.4
    confidence = random.permutation(50) / 50.0
    missed = int(random.integers(5))
    positives = int(correct.sum()) + missed
    precision, recall, _ = precision_recall_curve(correct, confidence)
    monotone = np.maximum.accumulate(precision[:-1])  # scikit-learn lists falling recall
    area = float(np.sum(-np.diff(recall) * monotone)) * correct.sum() / positives
    assert average_precision(confidence, correct, positives) == pytest.approx(area)


def test_a_prediction_at_the_threshold_counts() -> None:
    counts = count(np.array([0.5, 0.5]), np.array([True, False]), 1, threshold=0.5)
    assert counts == Counts(1, 1, 0)
