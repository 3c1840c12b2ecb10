"""Curves against scikit-learn, and what thinning leaves of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_curve, precision_score, recall_score

from lensmith.evaluation.curve import MAX_POINTS, label_curve, mean_curve
from lensmith.evaluation.label_scores import LabelScores
from lensmith.evaluation.threshold import assumed_threshold


def scores_of(given: Any, label: int) -> LabelScores:
    truth = given.truth[:, label]
    return label_scores(given.scores[:, label], truth, int(truth.sum()))


def label_scores(confidence: Any, correct: Any, positives: int) -> LabelScores:
    return LabelScores(confidence, correct, np.arange(len(confidence)), np.arange(positives))


@pytest.mark.parametrize("seed", range(10))
def test_every_point_is_that_of_scikit_learn(seed: int, classified_set: Callable[..., Any]) -> None:
    given = classified_set(seed, images=80)
    for label in range(4):
        scores = scores_of(given, label)
        curve = label_curve(scores, 0.5)
        precision, recall, thresholds = precision_recall_curve(scores.correct, scores.confidence)
        np.testing.assert_array_equal(curve.thresholds, thresholds)
        np.testing.assert_allclose(curve.precision, precision[:-1], atol=1e-6)
        np.testing.assert_allclose(curve.recall, recall[:-1], atol=1e-6)
        harmonic = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        np.testing.assert_allclose(curve.f1_score, harmonic[:-1], atol=1e-6)


@pytest.mark.parametrize("images", [MAX_POINTS, MAX_POINTS + 1, 20_000])
def test_a_long_curve_keeps_its_ends_and_the_assumed_threshold(images: int) -> None:
    random = np.random.default_rng(images)
    truth = random.random(images) < 0.1
    confidence = np.clip(random.normal(0.2 + 0.4 * truth, 0.15), 0.0, 1.0)
    positives = int(truth.sum())
    assumed = assumed_threshold(confidence, truth, positives)
    curve = label_curve(label_scores(confidence, truth, positives), assumed)
    assert len(curve.thresholds) <= MAX_POINTS
    assert (curve.thresholds[0], curve.thresholds[-1]) == (confidence.min(), confidence.max())
    at = np.searchsorted(curve.thresholds, assumed)
    assert curve.f1_score[at] == pytest.approx(max(curve.f1_score), abs=1 / (positives + 1))
    _, recall, thresholds = precision_recall_curve(truth, confidence)
    kept = np.searchsorted(thresholds, curve.thresholds)
    np.testing.assert_allclose(curve.recall, recall[kept], atol=1e-6)
    # No gap that a reader of the plot would see, along either axis.
    assert np.diff(curve.thresholds).max() < 0.1
    assert -np.diff(curve.recall).min() < 0.05


def test_the_mean_curve_is_what_one_threshold_for_all_gives(
    classified_set: Callable[..., Any],
) -> None:
    given = classified_set(3)
    curve = mean_curve([scores_of(given, label) for label in range(len(given.labels))])
    assert curve.thresholds[0] == 0.0
    assert curve.thresholds[-1] == 1.0
    for point in (0, 25, 50, 99):
        shown = given.scores >= curve.thresholds[point]
        options: Any = {"average": "macro", "labels": [0, 1, 2, 3], "zero_division": 0}
        for mine, theirs in (
            (curve.precision, precision_score),
            (curve.recall, recall_score),
            (curve.f1_score, f1_score),
        ):
            expected = theirs(given.truth, shown, **options)
            assert mine[point] == pytest.approx(expected, abs=1e-6)


def test_without_positives_or_predictions_there_is_no_curve() -> None:
    nothing = label_scores(np.zeros(0), np.zeros(0, dtype=np.bool_), 3)
    untested = label_scores(np.array([0.5]), np.array([False]), 0)
    assert label_curve(nothing, 0.5).thresholds == ()
    assert label_curve(untested, 0.5).thresholds == ()
    assert mean_curve([untested]).thresholds == ()
    assert mean_curve([nothing, untested]).recall[0] == 0.0


def test_a_single_prediction() -> None:
    curve = label_curve(label_scores(np.array([0.7]), np.array([True]), 2), 0.7)
    assert curve.thresholds == (0.7,)
    assert (curve.precision, curve.recall) == ((1.0,), (0.5,))
