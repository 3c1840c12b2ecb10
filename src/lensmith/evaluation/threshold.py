"""The assumed threshold of a label: where its F1 on the test set peaks (evaluation.md 2.3).

F1 is the same between two neighbouring confidences, and one answer more or less makes little
difference where a label has few test pictures. Among thresholds as good as that, the one is taken
that should be best on new pictures (docs/decisions/0019).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lensmith.evaluation.boxes import Flags, Floats

UNTESTED = 0.5
"""Threshold of a label without positives or predictions in the test set."""


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """How far the choice trusts the test set; the defaults were measured by `bench thresholds`."""

    prior: float = 2.0  # test examples that weigh as much as the calibrated confidences
    made_up: float = 1.0  # answers spread evenly over the confidences
    bandwidth: float = 0.4  # noise of a score between like pictures, in logits
    tolerance: float = 1.0  # right answers that the choice may cost against the best F1 ...
    max_loss: float = 0.1  # ... but never more of F1


RULE = ThresholdRule()

_CERTAIN = 0.9999  # beyond it, and below 1 minus it, confidences are alike


def _logit(probability: float | Floats) -> Floats:
    inside = np.clip(probability, 1.0 - _CERTAIN, _CERTAIN)
    logit: Floats = np.log(inside / (1.0 - inside))
    return logit


_GRID: Floats = np.arange(1, 100) / 100
_SCALE = 1.702  # of the logistic curve nearest to a normal distribution of deviation 1
_BINS = 512
_LOGITS = np.linspace(_logit(0.0), _logit(1.0), _BINS)
_LEVELS: Floats = 1.0 / (1.0 + np.exp(-_LOGITS))
_UNIFORM: Floats = np.gradient(_LEVELS)  # of answers of every confidence alike, in each bin


def assumed_threshold(
    confidence: Floats, correct: Flags, positives: int, rule: ThresholdRule = RULE
) -> float:
    """Find a threshold of the best F1, the one that holds best on new pictures; 0..1.

    `positives` counts the ground-truth images or boxes of the label. Returns 0.5 without
    positives or predictions, the highest confidence when no prediction was right.
    """
    if positives == 0 or len(confidence) == 0:
        return UNTESTED
    candidates = _candidates(confidence)
    f1 = _f1(
        _at_least(confidence, candidates), _at_least(confidence[correct], candidates), positives
    )
    if not f1.any():
        return float(confidence.max())
    loss = min(rule.tolerance / (positives + 1), rule.max_loss)
    as_good = candidates[f1 >= f1.max() - loss - 1e-12]
    expected = _ExpectedF1(confidence, correct, positives, rule)(as_good)
    best = np.flatnonzero(expected >= expected.max() - 1e-6)
    return float(as_good[best[len(best) // 2]])


def _candidates(confidence: Floats) -> Floats:
    """List thresholds midway between neighbouring confidences, and hundredths."""
    distinct = np.append(0.0, np.unique(confidence))
    midway = (distinct[1:] + distinct[:-1]) / 2
    return np.unique(np.concatenate([midway, _GRID[distinct[-1] >= _GRID]]))


def _at_least(confidence: Floats, thresholds: Floats) -> Floats:
    passed = np.searchsorted(np.sort(confidence), thresholds, side="left")
    return (len(confidence) - passed).astype(np.float64)


def _f1(passed: Floats, found: Floats, positives: float) -> Floats:
    return 2.0 * found / (passed + positives)


class _ExpectedF1:
    """F1 by threshold on pictures like those of the test set.

    Every score may fall a little to either side, and counts as right partly because it was right
    and partly because it is confident: the more test examples, the less the latter. A few made-up
    answers of every confidence keep the threshold from empty ranges of the scores.
    """

    def __init__(
        self, confidence: Floats, correct: Flags, positives: int, rule: ThresholdRule
    ) -> None:
        trust = positives / (positives + rule.prior)
        right = trust * correct + (1.0 - trust) * confidence
        number = np.searchsorted(_LOGITS, _logit(confidence)).clip(0, _BINS - 1)
        passed = np.bincount(number, minlength=_BINS) + rule.made_up * _UNIFORM
        found = np.bincount(number, right, minlength=_BINS) + rule.made_up * _UNIFORM * _LEVELS
        passing = _passing(rule.bandwidth)
        self._passed, self._found = passed @ passing, found @ passing
        self._positives = positives - np.count_nonzero(correct) + float(found.sum())

    def __call__(self, thresholds: Floats) -> Floats:
        at = _logit(thresholds)
        passed, found = (np.interp(at, _LOGITS, each) for each in (self._passed, self._found))
        return _f1(passed, found, self._positives)


@cache
def _passing(bandwidth: float) -> Floats:
    """Compute the probability that a score passes a threshold, [scores, thresholds] in logits."""
    distance = (_LOGITS[:, None] - _LOGITS[None, :]) / max(bandwidth, 1e-3)
    passing: Floats = 1.0 / (1.0 + np.exp(-(_SCALE * distance).clip(-40.0, 40.0)))
    return passing
