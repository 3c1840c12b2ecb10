"""The confusion matrix against scikit-learn and the rules for several labels an image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as scikit_learn_matrix

from lensmith.evaluation.confusion import confusion_matrix


@pytest.mark.parametrize("seed", range(10))
def test_one_label_an_image_agrees_with_scikit_learn(
    seed: int, classified_set: Callable[..., Any]
) -> None:
    given = classified_set(seed, images=200, labels=5, single=True)
    counts = scikit_learn_matrix(
        given.truth.argmax(axis=1), given.scores.argmax(axis=1), labels=list(range(5))
    )
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    assert confusion_matrix(given.scores, given.truth) == pytest.approx(shares)


@pytest.mark.parametrize("seed", range(10))
def test_rows_of_tested_labels_sum_to_one(seed: int, classified_set: Callable[..., Any]) -> None:
    given = classified_set(seed, images=50, labels=6)
    sums = confusion_matrix(given.scores, given.truth).sum(axis=1)
    assert sums == pytest.approx(given.truth.any(axis=0).astype(float))


def test_a_missed_label_is_spread_over_the_wrong_ones() -> None:
    truth = np.array([[True, True, False, False]])
    scores = np.array([[0.1, 0.2, 0.8, 0.9]])
    assert confusion_matrix(scores, truth)[:2].tolist() == [[0, 0, 0.5, 0.5], [0, 0, 0.5, 0.5]]


def test_a_found_label_is_never_spread() -> None:
    truth = np.array([[True, True, False]])
    scores = np.array([[0.9, 0.1, 0.5]])
    assert confusion_matrix(scores, truth)[:2].tolist() == [[1, 0, 0], [0, 0, 1]]


def test_the_sample_of_the_guide_by_ground_truth() -> None:
    truth = np.zeros((624, 2), dtype=np.bool_)
    truth[:390, 0], truth[390:, 1] = True, True
    chosen = np.repeat([0, 1, 0, 1], [388, 2, 70, 164])
    scores = np.eye(2)[chosen]
    expected = [[388 / 390, 2 / 390], [70 / 234, 164 / 234]]
    assert confusion_matrix(scores, truth) == pytest.approx(np.array(expected))
