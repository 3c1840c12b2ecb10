"""Cross-validates classifiers on the training pictures."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_expit, log_softmax
from sklearn.metrics import average_precision_score

from lensmith.training.classifier.linear_head import HeadRecipe, fit_head
from lensmith.training.data.arrays import Floats, LabelMatrix
from lensmith.training.data.folds import NEVER_HELD_OUT, Folds


@dataclass(frozen=True, slots=True)
class ValidationScore:
    """Result of one classifier on held-out pictures."""

    logits: Floats  # [held-out pictures, labels]
    losses: Floats  # [held-out pictures], cross entropy with calibrated confidences
    temperature: float  # that calibrates the logits
    metric: float  # accuracy, or mean average precision

    @property
    def log_loss(self) -> float:
        return float(self.losses.mean())

    @property
    def spread(self) -> float:
        """Standard error of the log loss."""
        return float(self.losses.std() / np.sqrt(len(self.losses)))

    def at(self, chosen: NDArray[np.bool_]) -> float:
        """Return the mean log loss on some of the held-out pictures."""
        return float(self.losses[chosen].mean())


def cross_validate(
    views: Floats,
    truth: LabelMatrix,
    recipes: Sequence[HeadRecipe],
    fold_of: Folds,
    *,
    exclusive: bool,
    until: float = math.inf,
) -> list[ValidationScore]:
    """Score every recipe on the first view of each picture that is ever held out.

    `views` [pictures, views, features]; empty when nothing is held out. After `until` on the
    monotonic clock only the first recipe is still tried.
    """
    held_out = fold_of != NEVER_HELD_OUT
    if not held_out.any():
        return []
    validations: list[ValidationScore] = []
    for recipe in recipes:
        if validations and time.monotonic() >= until:
            break
        logits = np.zeros(truth.shape)
        for fold in np.unique(fold_of[held_out]):
            inside = fold_of == fold
            head = fit_head(views[~inside], truth[~inside], recipe, exclusive=exclusive)
            logits[inside] = head.logits(views[inside, 0])
        validations.append(score(logits[held_out], truth[held_out], exclusive=exclusive))
    return validations


def select_one_standard_error(validations: Sequence[ValidationScore]) -> int:
    """Apply the one-standard-error rule (Breiman et al., 1984) to scores in order of preference.

    Returns the index of the first whose log loss is at most one standard error above the lowest:
    the plainest model that the pictures cannot tell from the best.
    """
    best = min(validations, key=lambda validation: validation.log_loss)
    limit = best.log_loss + best.spread
    return next(i for i, validation in enumerate(validations) if validation.log_loss <= limit)


def is_ahead(one: ValidationScore | None, other: ValidationScore | None) -> bool:
    """Return whether the log loss of `one` is lower by more than the difference's standard error.

    Both are scores of the same pictures, so the error is that of paired differences. False without
    scores.
    """
    if one is None or other is None:
        return False
    lead = other.losses - one.losses
    return bool(lead.mean() > lead.std() / np.sqrt(len(lead)))


def score(logits: Floats, truth: LabelMatrix, *, exclusive: bool) -> ValidationScore:
    """Calibrate the logits of held-out pictures by temperature scaling, and score them."""
    cautious = _laplace_smoothed(truth, exclusive=exclusive)

    def loss(log_temperature: float) -> float:
        cooled = logits / np.exp(log_temperature)
        return float(_losses(cooled, cautious, exclusive=exclusive).mean())

    # Prototypes differ by hundredths, a fitted regression by tens.
    temperature = float(np.exp(minimize_scalar(loss, bounds=(-7.0, 4.0), method="bounded").x))
    return ValidationScore(
        logits,
        _losses(logits / temperature, truth.astype(float), exclusive=exclusive),
        temperature,
        _metric(logits, truth, exclusive=exclusive),
    )


def _laplace_smoothed(truth: LabelMatrix, *, exclusive: bool) -> Floats:
    """Smooth the truth by Laplace's rule of succession.

    Otherwise a cross-validation without a mistake would calibrate to certainty.
    """
    pictures, labels = truth.shape
    if exclusive:
        probabilities: Floats = (truth * pictures + 1) / (pictures + labels)
        return probabilities
    with_label = truth.sum(0)
    sure, unsure = (with_label + 1) / (with_label + 2), 1 / (pictures - with_label + 2)
    beliefs: Floats = np.where(truth, sure, unsure)
    return beliefs


def _losses(logits: Floats, wanted: Floats, *, exclusive: bool) -> Floats:
    """Cross entropy with target probabilities, [pictures]."""
    if exclusive:
        losses: Floats = -(wanted * log_softmax(logits, axis=1)).sum(1)
    else:
        losses = -(wanted * log_expit(logits) + (1 - wanted) * log_expit(-logits)).sum(1)
    return losses


def _metric(logits: Floats, truth: LabelMatrix, *, exclusive: bool) -> float:
    if exclusive:
        return float(truth[np.arange(len(truth)), logits.argmax(1)].mean())
    present = truth.any(0)
    if not present.any():
        return 0.0
    return float(average_precision_score(truth[:, present], logits[:, present], average="macro"))
