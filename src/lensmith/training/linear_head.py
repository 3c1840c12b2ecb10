"""A regularised linear classifier on frozen features, its strength chosen by cross-validation."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_expit, log_softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

CERTAIN = 8.0  # the logit of a label that every picture has, or none
ALWAYS_TRAINED = -1  # the fold of pictures that are never held out

Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]
"""[pictures, labels]"""


@dataclass(frozen=True, slots=True)
class LinearHead:
    weights: Floats  # [labels, features]
    bias: Floats  # [labels]

    def logits(self, features: Floats) -> Floats:
        logits: Floats = features @ self.weights.T + self.bias
        return logits

    def cooled(self, temperature: float) -> LinearHead:
        return LinearHead(self.weights / temperature, self.bias / temperature)


@dataclass(frozen=True, slots=True)
class Trial:
    """How one strength did on pictures that it was not fitted on."""

    strength: float
    temperature: float  # that calibrates the logits
    log_loss: float  # per picture, calibrated
    score: float  # share of right top labels, or mean average precision


def fit_head(views: Floats, truth: Truth, strength: float, *, exclusive: bool) -> LinearHead:
    """Fit on `views` [pictures, views, features]; a picture weighs the same however many views."""
    rows = views.reshape(-1, views.shape[-1])
    truth_of_rows = np.repeat(truth, views.shape[1], axis=0)
    weights = np.full(len(rows), 1 / views.shape[1])
    if exclusive:
        return _fit_softmax(rows, truth_of_rows.argmax(1), truth.shape[1], weights, strength)
    return _fit_sigmoids(rows, truth_of_rows, weights, strength)


def try_strengths(
    views: Floats,
    truth: Truth,
    strengths: Sequence[float],
    folds: int,
    chance: Generator,
    *,
    exclusive: bool,
) -> list[Trial]:
    """Cross-validate every strength; empty when no label has two pictures."""
    fold_of = deal_folds(truth, folds, chance)
    held_out = fold_of != ALWAYS_TRAINED
    if not held_out.any():
        return []
    trials = []
    for strength in strengths:
        logits = np.zeros(truth.shape)
        for fold in range(folds):
            inside = fold_of == fold
            if inside.any():
                head = fit_head(views[~inside], truth[~inside], strength, exclusive=exclusive)
                logits[inside] = head.logits(views[inside, 0])
        trials.append(_judge(strength, logits[held_out], truth[held_out], exclusive=exclusive))
    return trials


def deal_folds(truth: Truth, folds: int, chance: Generator) -> NDArray[np.int64]:
    """Fold of each picture, labels spread evenly; a label's only picture is never held out."""
    uses = truth.sum(0)
    rarest = np.where(truth, uses, len(truth) + 1).argmin(1)  # each picture's rarest label
    fold_of = np.zeros(len(truth), np.int64)
    dealt = 0
    for label in np.argsort(uses, kind="stable"):
        pictures = chance.permutation(np.flatnonzero(rarest == label))
        fold_of[pictures] = (dealt + np.arange(len(pictures))) % folds
        dealt += len(pictures)
    fold_of[truth[:, uses == 1].any(1)] = ALWAYS_TRAINED
    return fold_of


def _judge(strength: float, logits: Floats, truth: Truth, *, exclusive: bool) -> Trial:
    cautious = _cautious(truth, exclusive=exclusive)

    def loss(log_temperature: float) -> float:
        return _log_loss(logits / np.exp(log_temperature), cautious, exclusive=exclusive)

    temperature = float(np.exp(minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded").x))
    return Trial(
        strength,
        temperature,
        _log_loss(logits / temperature, truth.astype(float), exclusive=exclusive),
        _score(logits, truth, exclusive=exclusive),
    )


def _cautious(truth: Truth, *, exclusive: bool) -> Floats:
    """What to be sure of after so many pictures, by the rule of succession.

    Without it, no mistake in cross-validation would calibrate to certainty.
    """
    pictures, labels = truth.shape
    if exclusive:
        shares: Floats = (truth * pictures + 1) / (pictures + labels)
        return shares
    with_label = truth.sum(0)
    sure, unsure = (with_label + 1) / (with_label + 2), 1 / (pictures - with_label + 2)
    beliefs: Floats = np.where(truth, sure, unsure)
    return beliefs


def _log_loss(logits: Floats, wanted: Floats, *, exclusive: bool) -> float:
    """Cross entropy with the wanted probabilities, per picture."""
    if exclusive:
        return float(-(wanted * log_softmax(logits, axis=1)).sum(1).mean())
    losses = wanted * log_expit(logits) + (1 - wanted) * log_expit(-logits)
    return float(-losses.sum(1).mean())


def _score(logits: Floats, truth: Truth, *, exclusive: bool) -> float:
    if exclusive:
        return float(truth[np.arange(len(truth)), logits.argmax(1)].mean())
    present = truth.any(0)
    if not present.any():
        return 0.0
    return float(average_precision_score(truth[:, present], logits[:, present], average="macro"))


def _fit_softmax(
    rows: Floats, labels: NDArray[np.int64], count: int, weights: Floats, strength: float
) -> LinearHead:
    """Labels without a row, as in a fold that holds all of them out, are never predicted."""
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


def _fit_sigmoids(rows: Floats, truth: Truth, weights: Floats, strength: float) -> LinearHead:
    head = LinearHead(
        np.zeros((truth.shape[1], rows.shape[1])), np.where(truth.all(0), CERTAIN, -CERTAIN)
    )
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
