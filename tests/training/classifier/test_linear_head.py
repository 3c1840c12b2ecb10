from __future__ import annotations

import numpy as np
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestCentroid
from tests.training.classifier.clusters import clusters

from lensmith.training.classifier.linear_head import HeadKind, HeadRecipe, fit_head

TEN = HeadRecipe(HeadKind.REGRESSION, 10.0)
PROTOTYPES = HeadRecipe(HeadKind.PROTOTYPES)


def test_softmax_equals_scikit_learn() -> None:
    views, truth = clusters(60, 3)
    head = fit_head(views, truth, TEN, exclusive=True)
    model = LogisticRegression(C=10.0, tol=1e-3, max_iter=200).fit(views[:, 0], truth.argmax(1))
    ours = softmax(head.logits(views[:, 0]), axis=1)
    np.testing.assert_allclose(ours, model.predict_proba(views[:, 0]), atol=1e-6)


def test_two_labels_share_one_logit() -> None:
    views, truth = clusters(40, 2)
    head = fit_head(views, truth, TEN, exclusive=True)
    model = LogisticRegression(C=10.0, tol=1e-3, max_iter=200).fit(views[:, 0], truth.argmax(1))
    ours = softmax(head.logits(views[:, 0]), axis=1)
    np.testing.assert_allclose(ours, model.predict_proba(views[:, 0]), atol=1e-6)


def test_repeating_a_view_changes_nothing() -> None:
    views, truth = clusters(30, 3)
    once = fit_head(views, truth, TEN, exclusive=True)
    thrice = fit_head(np.repeat(views, 3, axis=1), truth, TEN, exclusive=True)
    np.testing.assert_allclose(once.weights, thrice.weights, atol=5e-2)


def test_labels_on_every_picture_or_on_none_are_certain() -> None:
    views, truth = clusters(30, 3)
    truth = np.column_stack([truth, np.ones(30, bool), np.zeros(30, bool)])
    logits = fit_head(views, truth, TEN, exclusive=False).logits(views[:, 0])
    assert (logits[:, 3] > 5).all()
    assert (logits[:, 4] < -5).all()


def test_one_label_alone() -> None:
    views, truth = clusters(6, 1)
    assert (fit_head(views, truth, TEN, exclusive=True).logits(views[:, 0]) > 5).all()


def test_prototypes_choose_the_nearest_mean() -> None:
    views, truth = clusters(60, 3)
    head = fit_head(views, truth, PROTOTYPES, exclusive=True)
    fresh, _ = clusters(200, 3, seed=5)
    nearest = NearestCentroid().fit(views[:, 0], truth.argmax(1)).predict(fresh[:, 0])
    assert (head.logits(fresh[:, 0]).argmax(1) == nearest).all()


def test_prototypes_of_independent_labels_stand_against_the_rest() -> None:
    views, truth = clusters(60, 3)
    head = fit_head(views, truth, PROTOTYPES, exclusive=False)
    fresh, _ = clusters(200, 3, seed=5)
    for label in range(3):
        nearest = NearestCentroid().fit(views[:, 0], truth[:, label]).predict(fresh[:, 0])
        assert ((head.logits(fresh[:, 0])[:, label] > 0) == nearest).all()


def test_prototypes_of_labels_on_every_picture_or_on_none_are_certain() -> None:
    views, truth = clusters(30, 3)
    truth = np.column_stack([truth, np.ones(30, bool), np.zeros(30, bool)])
    logits = fit_head(views, truth, PROTOTYPES, exclusive=False).logits(views[:, 0])
    assert (logits[:, 3] > 5).all()
    assert (logits[:, 4] < -5).all()
