"""Rules for the assumed threshold, to compare: from a label's scores to a threshold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lensmith.evaluation.boxes import Floats
from lensmith.evaluation.label_scores import LabelScores
from lensmith.evaluation.threshold import assumed_threshold

Rule = Callable[[LabelScores], float]


def ours(scores: LabelScores) -> float:
    return assumed_threshold(scores.confidence, scores.correct, scores.positives)


def highest_of_equal_f1(scores: LabelScores) -> float:
    """Take the highest confidence of the best F1."""
    return _best(scores)[0]


def midway(scores: LabelScores) -> float:
    """Take the middle between it and the next lower confidence."""
    return sum(_best(scores)) / 2


def smoothed(scores: LabelScores) -> float:
    """Take the best F1 after every score became a normal distribution of deviation 0.5 logits."""
    if not scores.positives or not len(scores.confidence):
        return 0.5
    candidates = np.arange(1, 100) / 100
    distance = (_logit(scores.confidence)[:, None] - _logit(candidates)[None, :]) / 0.5
    passing = 1 / (1 + np.exp(-(1.702 * distance).clip(-40, 40)))
    f1 = 2 * scores.correct @ passing / (passing.sum(axis=0) + scores.positives)
    best = np.flatnonzero(f1 >= f1.max() - 1e-9)
    return float(candidates[best[len(best) // 2]])


def one_half(_: LabelScores) -> float:
    """Take 0.5, whatever the scores."""
    return 0.5


RULES: dict[str, Rule] = {
    "highest of equal F1": highest_of_equal_f1,
    "midway": midway,
    "smoothed": smoothed,
    "0.5": one_half,
    "Lensmith": ours,
}


def _best(scores: LabelScores) -> tuple[float, float]:
    """Find the highest confidence of the best F1, and the next lower one."""
    if not scores.positives or not len(scores.confidence):
        return 0.5, 0.5
    confidence = np.unique(scores.confidence)[::-1]
    passed = (scores.confidence[None, :] >= confidence[:, None]).sum(axis=1)
    found = (scores.confidence[scores.correct][None, :] >= confidence[:, None]).sum(axis=1)
    best = int((found / (passed + scores.positives)).argmax())
    lower = confidence[best + 1] if best + 1 < len(confidence) else 0.0
    return float(confidence[best]), float(lower)


def _logit(probability: Floats) -> Floats:
    inside = probability.clip(1e-4, 1 - 1e-4)
    return np.asarray(np.log(inside / (1 - inside)))
