from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from lensmith.training.linear_head import ALWAYS_TRAINED, deal_folds, fit_head, try_strengths


def clusters(
    pictures: int, labels: int, spread: float = 0.4, seed: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Features [pictures, 1, 16] around one centre a label, and the truth."""
    chance = default_rng(seed)
    index = np.arange(pictures) % labels
    features = np.eye(labels, 16)[index] + chance.normal(0, spread, (pictures, 16))
    return features[:, None], np.eye(labels, dtype=bool)[index]


def test_softmax_equals_scikit_learn() -> None:
    views, truth = clusters(60, 3)
    head = fit_head(views, truth, 10.0, exclusive=True)
    model = LogisticRegression(C=10.0, tol=1e-3, max_iter=200).fit(views[:, 0], truth.argmax(1))
    ours = softmax(head.logits(views[:, 0]), axis=1)
    np.testing.assert_allclose(ours, model.predict_proba(views[:, 0]), atol=1e-6)


def test_two_labels_share_one_logit() -> None:
    views, truth = clusters(40, 2)
    head = fit_head(views, truth, 10.0, exclusive=True)
    model = LogisticRegression(C=10.0, tol=1e-3, max_iter=200).fit(views[:, 0], truth.argmax(1))
    ours = softmax(head.logits(views[:, 0]), axis=1)
    np.testing.assert_allclose(ours, model.predict_proba(views[:, 0]), atol=1e-6)


def test_repeating_a_view_changes_nothing() -> None:
    views, truth = clusters(30, 3)
    once = fit_head(views, truth, 10.0, exclusive=True)
    thrice = fit_head(np.repeat(views, 3, axis=1), truth, 10.0, exclusive=True)
    np.testing.assert_allclose(once.weights, thrice.weights, atol=5e-2)


def test_labels_on_every_picture_or_on_none_are_certain() -> None:
    views, truth = clusters(30, 3)
    truth = np.column_stack([truth, np.ones(30, bool), np.zeros(30, bool)])
    logits = fit_head(views, truth, 10.0, exclusive=False).logits(views[:, 0])
    assert (logits[:, 3] > 5).all()
    assert (logits[:, 4] < -5).all()


def test_one_label_alone() -> None:
    views, truth = clusters(6, 1)
    assert (fit_head(views, truth, 10.0, exclusive=True).logits(views[:, 0]) > 5).all()


@pytest.mark.parametrize("seed", range(3))
def test_folds_spread_labels_and_keep_single_pictures(seed: int) -> None:
    truth = np.zeros((25, 3), bool)
    truth[:16, 0] = truth[16:24, 1] = truth[24:, 2] = True
    folds = deal_folds(truth, 4, default_rng(seed))
    assert [int((folds[:16] == fold).sum()) for fold in range(4)] == [4] * 4
    assert [int((folds[16:24] == fold).sum()) for fold in range(4)] == [2] * 4
    assert folds[24] == ALWAYS_TRAINED


def test_confidences_are_calibrated() -> None:
    """On fresh noisy clusters the mean confidence in the top label is about its accuracy."""
    views, truth = clusters(240, 4, spread=0.6)
    trials = try_strengths(views, truth, (1.0, 10.0, 100.0), 4, default_rng(0), exclusive=True)
    best = min(trials, key=lambda trial: trial.log_loss)
    head = fit_head(views, truth, best.strength, exclusive=True).cooled(best.temperature)
    fresh, labels = clusters(2000, 4, spread=0.6, seed=4)
    confidences = softmax(head.logits(fresh[:, 0]), axis=1)
    accuracy = (confidences.argmax(1) == labels.argmax(1)).mean()
    assert confidences.max(1).mean() == pytest.approx(accuracy, abs=0.05)
    assert best.score == pytest.approx(accuracy, abs=0.1)


def test_independent_labels_are_judged_by_average_precision() -> None:
    views, truth = clusters(120, 4, spread=0.4)
    (trial,) = try_strengths(views, truth, (10.0,), 4, default_rng(0), exclusive=False)
    assert 0.8 < trial.score <= 1.0


def test_no_mistake_is_not_certainty() -> None:
    views, truth = clusters(20, 2, spread=0.01)
    (trial,) = try_strengths(views, truth, (1000.0,), 4, default_rng(0), exclusive=True)
    assert trial.score == 1.0
    assert trial.log_loss > 0.01


def test_nothing_to_hold_out() -> None:
    views, truth = clusters(3, 3)
    assert try_strengths(views, truth, (1.0,), 4, default_rng(0), exclusive=True) == []
