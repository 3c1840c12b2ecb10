"""Linear classifiers on frozen features: logistic regression and prototypes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from lensmith.training.data.arrays import Floats, LabelMatrix

CERTAIN = 8.0  # logit of a label that all pictures have, or no picture


class HeadKind(StrEnum):
    PROTOTYPES = "prototypes"
    REGRESSION = "regression"


@dataclass(frozen=True, slots=True)
class HeadRecipe:
    """How a head is fitted."""

    kind: HeadKind
    strength: float = 1.0  # scikit-learn's C; prototypes have none


@dataclass(frozen=True, slots=True)
class LinearHead:
    weights: Floats  # [labels, features]
    bias: Floats  # [labels]

    def logits(self, features: Floats) -> Floats:
        logits: Floats = features @ self.weights.T + self.bias
        return logits

    def cooled(self, temperature: float) -> LinearHead:
        return LinearHead(self.weights / temperature, self.bias / temperature)


def fit_head(
    views: Floats, truth: LabelMatrix, recipe: HeadRecipe, *, exclusive: bool
) -> LinearHead:
    """Fit on `views` [pictures, views, features]; a picture weighs the same however many views."""
    if recipe.kind is HeadKind.PROTOTYPES:
        return _prototypes(views.mean(1), truth, exclusive=exclusive)
    rows = views.reshape(-1, views.shape[-1])
    truth_of_rows = np.repeat(truth, views.shape[1], axis=0)
    weights = np.full(len(rows), 1 / views.shape[1])
    if exclusive:
        return _fit_softmax(rows, truth_of_rows.argmax(1), truth.shape[1], weights, recipe.strength)
    return _fit_sigmoids(rows, truth_of_rows, weights, recipe.strength)


def _prototypes(features: Floats, truth: LabelMatrix, *, exclusive: bool) -> LinearHead:
    """Fit nearest class means (prototypical networks, Snell et al., 2017).

    The logit is half the difference of the squared distances: linear in the features.
    """
    head = _undecided(truth, features.shape[1])
    for label in np.flatnonzero(truth.any(0) & ~truth.all(0)):
        weights, bias = _towards(features[truth[:, label]].mean(0))
        if not exclusive:
            away, against = _towards(features[~truth[:, label]].mean(0))
            weights, bias = weights - away, bias - against
        head.weights[label], head.bias[label] = weights, bias
    return head


def _towards(prototype: Floats) -> tuple[Floats, float]:
    return prototype, -float(prototype @ prototype) / 2


def _undecided(truth: LabelMatrix, features: int) -> LinearHead:
    """Create a head that is right for labels of all pictures or of no picture."""
    bias = np.where(truth.all(0), CERTAIN, -CERTAIN)
    return LinearHead(np.zeros((truth.shape[1], features)), bias)


def _fit_softmax(
    rows: Floats, labels: NDArray[np.int64], count: int, weights: Floats, strength: float
) -> LinearHead:
    """Fit multinomial regression; labels without a row in this fold are never predicted."""
    head = LinearHead(np.zeros((count, rows.shape[1])), np.full(count, -CERTAIN))
    present = np.unique(labels)
    if len(present) == 1:
        head.bias[present] = CERTAIN
        return head
    model = _regression(rows, labels, weights, strength)
    if len(present) == 2:  # scikit-learn keeps only the second label's logit
        head.weights[present[1]] = model.coef_[0]
        head.bias[present] = 0.0, model.intercept_[0]
    else:
        head.weights[present] = model.coef_
        head.bias[present] = model.intercept_
    return head


def _fit_sigmoids(rows: Floats, truth: LabelMatrix, weights: Floats, strength: float) -> LinearHead:
    head = _undecided(truth, rows.shape[1])
    for label in np.flatnonzero(truth.any(0) & ~truth.all(0)):
        model = _regression(rows, truth[:, label], weights, strength)
        head.weights[label], head.bias[label] = model.coef_[0], model.intercept_[0]
    return head


def _regression(
    rows: Floats, targets: NDArray[np.generic], weights: Floats, strength: float
) -> LogisticRegression:
    model = LogisticRegression(C=strength, tol=1e-3, max_iter=200)
    with warnings.catch_warnings():
        # A weak penalty may run into max_iter; cross-validation judges the result as it is.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(rows, targets, sample_weight=weights)
