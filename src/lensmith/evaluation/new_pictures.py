"""F1 on pictures that had no part in choosing the thresholds, and how sure it is.

F1 at the assumed thresholds is judged on the pictures that chose them. Here every test picture is
judged at thresholds that pictures of other scenes chose (cross-fitting).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lensmith.evaluation.boxes import Floats, Indices
from lensmith.evaluation.label_scores import LabelScores
from lensmith.evaluation.threshold import assumed_threshold

_FOLDS = 5
_MAX_DIVISIONS, _MAX_FITS = 40, 400  # fits: labels in each division
_DRAWS = 1000
_LEVELS = (2.5, 97.5)  # percentiles of a 95 % interval
_JEFFREYS = 0.5
_LARGE = 2_000  # test pictures from which resampling them all adds nothing to be seen


@dataclass(frozen=True, slots=True)
class NewPictures:
    """F1 to expect of pictures like the test pictures, with a 95 % interval."""

    f1_score: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Outcomes:
    """Cross-fitted outcomes of one label in each test picture."""

    right: Floats  # [images] true positives
    wrong: Floats  # [images] false positives and false negatives

    @property
    def tested(self) -> bool:
        return bool((self.right + self.wrong).any())

    @property
    def f1_score(self) -> float:
        right, wrong = float(self.right.sum()), float(self.wrong.sum())
        return 2 * right / (2 * right + wrong) if right else 0.0


def on_new_pictures(
    labels: Sequence[LabelScores], scenes: Sequence[int] | None = None
) -> tuple[NewPictures | None, tuple[NewPictures | None, ...]]:
    """Estimate F1 on new pictures: the mean over the labels, and of each label.

    `scenes` numbers the scene of each test picture; without it each shows its own. None for labels
    without test pictures, and for everything where fewer than two scenes could choose and judge.
    The interval draws scenes with replacement (bootstrap, Efron, 1979) and F1 from the outcomes'
    posterior (Goutte and Gaussier, 2005), so that it has a width where every answer was right.
    """
    scene_of = _scene_of_image(labels, scenes)
    count = len(np.unique(scene_of))
    if count < 2:
        return None, tuple(None for _ in labels)
    rng = np.random.default_rng(0)
    folds = (rng.permutation(count) % _FOLDS)[scene_of]
    outcomes = [_cross_fit(one, folds) if one.positives else None for one in labels]
    weights = _bootstrap_weights(scene_of, count, rng)
    draws = [None if one is None else _drawn_f1(one, weights, rng) for one in outcomes]
    each = tuple(
        None if one is None or drawn is None else _estimate(one.f1_score, drawn)
        for one, drawn in zip(outcomes, draws, strict=True)
    )
    known = [drawn for drawn in draws if drawn is not None]
    if not known:
        return None, each
    mean = float(np.mean([one.f1_score for one in each if one is not None]))
    return _estimate(mean, np.mean(known, axis=0)), each


def cross_fitted_f1(
    labels: Sequence[LabelScores], scenes: Sequence[int] | None = None
) -> float | None:
    """Estimate F1 on new pictures, to compare models: less noisy than one division into folds.

    The mean over up to forty divisions, of the mean over the labels; None as `on_new_pictures`.
    """
    scene_of = _scene_of_image(labels, scenes)
    count = len(np.unique(scene_of))
    tested = [one for one in labels if one.positives]
    if count < 2 or not tested:
        return None
    rng = np.random.default_rng(0)
    divisions = min(max(_MAX_FITS // len(tested), 1), _MAX_DIVISIONS)
    folds = [(rng.permutation(count) % _FOLDS)[scene_of] for _ in range(divisions)]
    return float(np.mean([_cross_fit(one, each).f1_score for each in folds for one in tested]))


def _scene_of_image(labels: Sequence[LabelScores], scenes: Sequence[int] | None) -> Indices:
    """Number the scenes from 0 in the order of their first images, [images]."""
    images = 1 + max((_last_image(one) for one in labels), default=-1)
    if scenes is None:
        return np.arange(images)
    numbers = {scene: number for number, scene in enumerate(dict.fromkeys(scenes[:images]))}
    return np.array([numbers[scene] for scene in scenes[:images]], np.intp)


def _last_image(scores: LabelScores) -> int:
    return int(max(np.max(scores.image, initial=-1), np.max(scores.truth_image, initial=-1)))


def _cross_fit(scores: LabelScores, folds: Indices) -> _Outcomes:
    """Judge each fold at the threshold that the others choose; `folds` is [images]."""
    images = len(folds)
    right, passed = np.zeros(images), np.zeros(images)
    fold_of_score, fold_of_truth = folds[scores.image], folds[scores.truth_image]
    for fold in np.unique(folds):
        mine = fold_of_score == fold
        threshold = assumed_threshold(
            scores.confidence[~mine],
            scores.correct[~mine],
            int(np.count_nonzero(fold_of_truth != fold)),
        )
        passing = mine & (scores.confidence >= threshold)
        passed += np.bincount(scores.image[passing], minlength=images)
        right += np.bincount(scores.image[passing & scores.correct], minlength=images)
    truth = np.bincount(scores.truth_image, minlength=images)
    return _Outcomes(right, (passed - right) + (truth - right))


def _bootstrap_weights(scene_of: Indices, count: int, rng: np.random.Generator) -> Floats | None:
    """Draw how often each picture is taken, [draws, images]; None for large test sets."""
    if count > _LARGE:
        return None
    drawn = rng.multinomial(count, np.full(count, 1.0 / count), size=_DRAWS).astype(np.float64)
    weights: Floats = drawn[:, scene_of]
    return weights


def _drawn_f1(outcomes: _Outcomes, weights: Floats | None, rng: np.random.Generator) -> Floats:
    """Draw F1 from its posterior, [draws]: U / (U + V) of two gamma variables."""
    if weights is None:
        right = np.full(_DRAWS, outcomes.right.sum())
        wrong = np.full(_DRAWS, outcomes.wrong.sum())
    else:
        right, wrong = weights @ outcomes.right, weights @ outcomes.wrong
    numerator = rng.gamma(right + _JEFFREYS, 2.0)
    return np.asarray(numerator / (numerator + rng.gamma(wrong + 2 * _JEFFREYS, 1.0)))


def _estimate(f1_score: float, drawn: Floats) -> NewPictures:
    low, high = np.percentile(drawn, _LEVELS)
    return NewPictures(f1_score, min(float(low), f1_score), max(float(high), f1_score))
