from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng
from scipy.special import softmax
from sklearn.metrics import log_loss
from tests.training.classifier.clusters import clusters

from lensmith.training.classifier.cross_validation import (
    ValidationScore,
    cross_validate,
    is_ahead,
    score,
    select_one_standard_error,
)
from lensmith.training.classifier.linear_head import HeadKind, HeadRecipe, fit_head
from lensmith.training.data.folds import stratified_folds

REGRESSIONS = [HeadRecipe(HeadKind.REGRESSION, strength) for strength in (1.0, 10.0, 100.0)]


def judged(
    views: np.ndarray, truth: np.ndarray, recipes: list[HeadRecipe], *, exclusive: bool = True
) -> list[ValidationScore]:
    fold_of = stratified_folds(truth, 4, default_rng(0))
    return cross_validate(views, truth, recipes, fold_of, exclusive=exclusive)


def with_losses(*losses: float) -> ValidationScore:
    return ValidationScore(np.zeros((len(losses), 2)), np.array(losses), 1.0, 1.0)


def test_confidences_are_calibrated() -> None:
    """On fresh noisy clusters the mean confidence in the top label is about its accuracy."""
    views, truth = clusters(240, 4, spread=0.6)
    validations = judged(views, truth, REGRESSIONS)
    best = select_one_standard_error(validations)
    head = fit_head(views, truth, REGRESSIONS[best], exclusive=True)
    fresh, labels = clusters(2000, 4, spread=0.6, seed=4)
    logits = head.cooled(validations[best].temperature).logits(fresh[:, 0])
    confidences = softmax(logits, axis=1)
    accuracy = (confidences.argmax(1) == labels.argmax(1)).mean()
    assert confidences.max(1).mean() == pytest.approx(accuracy, abs=0.05)
    assert validations[best].metric == pytest.approx(accuracy, abs=0.1)


def test_prototypes_are_calibrated_too() -> None:
    views, truth = clusters(60, 3, spread=0.3)
    (validation,) = judged(views, truth, [HeadRecipe(HeadKind.PROTOTYPES)])
    assert validation.metric > 0.9
    assert validation.log_loss < 0.4


def test_the_log_loss_is_that_of_the_calibrated_confidences() -> None:
    views, truth = clusters(80, 4, spread=0.6)
    (validation, *_) = judged(views, truth, REGRESSIONS)
    confidences = softmax(validation.logits / validation.temperature, axis=1)
    assert validation.log_loss == pytest.approx(log_loss(truth.argmax(1), confidences))


def test_independent_labels_are_judged_by_average_precision() -> None:
    views, truth = clusters(120, 4, spread=0.4)
    (validation, *_) = judged(views, truth, REGRESSIONS, exclusive=False)
    assert 0.8 < validation.metric <= 1.0


def test_no_mistake_is_not_certainty() -> None:
    logits = np.where(np.eye(2, dtype=bool)[np.arange(20) % 2], 50.0, -50.0)
    validation = score(logits, logits > 0, exclusive=True)
    assert validation.metric == 1.0
    assert validation.log_loss > 0.01


def test_nothing_to_hold_out() -> None:
    views, truth = clusters(3, 3)
    assert judged(views, truth, REGRESSIONS) == []


def test_out_of_time_only_the_first_recipe_is_judged() -> None:
    views, truth = clusters(12, 3)
    fold_of = stratified_folds(truth, 4, default_rng(0))
    validations = cross_validate(views, truth, REGRESSIONS, fold_of, exclusive=True, until=0.0)
    assert len(validations) == 1


def test_the_first_wins_among_equals() -> None:
    plain = with_losses(0.3, 0.2, 0.6, 0.4)
    best = with_losses(0.1, 0.5, 0.2, 0.5)
    assert select_one_standard_error([plain, best]) == 0


def test_the_best_wins_where_chance_does_not_explain_the_rest() -> None:
    worse = with_losses(0.5, 0.6, 0.5, 0.6)
    best = with_losses(0.1, 0.2, 0.2, 0.1)
    assert select_one_standard_error([worse, best, worse]) == 1


def test_a_lead_counts_above_its_standard_error_on_the_same_pictures() -> None:
    baseline = with_losses(1.0, 3.0, 5.0, 7.0)  # which differ by far more than the lead
    assert is_ahead(with_losses(0.8, 2.9, 4.8, 6.9), baseline)
    assert not is_ahead(with_losses(0.0, 4.0, 4.0, 8.0), baseline)
    assert not is_ahead(with_losses(0.5, 3.5, 4.0, 7.9), baseline)  # by 0.025
    assert not is_ahead(baseline, baseline)
    assert not is_ahead(None, baseline)
    assert not is_ahead(baseline, None)
