"""Precision, recall and F1 of a label, or of all, over the thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lensmith.evaluation.boxes import Floats, Indices
from lensmith.evaluation.label_scores import LabelScores

MAX_POINTS = 200
_GRID = np.linspace(0.0, 1.0, 101)
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Curve:
    """Figures by threshold, ascending; a confidence passes from the threshold upwards."""

    thresholds: tuple[float, ...]
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1_score: tuple[float, ...]
    passed: tuple[int, ...] = ()  # predictions at or above; of one label's curve only


def label_curve(scores: LabelScores, assumed_threshold: float) -> Curve:
    """Compute the curve over the distinct confidences of a label, at most 200 of them.

    Of more, those at even steps of the threshold and of the recall are kept, and always the
    lowest, the highest and the assumed threshold. Without positives or predictions it is empty.
    """
    if scores.positives == 0 or len(scores.confidence) == 0:
        return Curve((), (), (), ())
    thresholds = np.unique(scores.confidence)
    found = _at_least(scores.confidence[scores.correct], thresholds)
    assumed = int(np.searchsorted(thresholds, assumed_threshold))
    kept = _thinned(thresholds, found, min(assumed, len(thresholds) - 1))
    passed = _at_least(scores.confidence, thresholds[kept])
    curve = _curve(thresholds[kept], *_figures(found[kept], passed, scores.positives))
    return replace(curve, passed=tuple(passed.tolist()))


def mean_curve(labels: Sequence[LabelScores]) -> Curve:
    """Compute the means over labels at one threshold for all, in steps of 0.01.

    Labels without positives are left out. A MinConfidence sets such a threshold.
    """
    each = [
        _figures(
            _at_least(one.confidence[one.correct], _GRID),
            _at_least(one.confidence, _GRID),
            one.positives,
        )
        for one in labels
        if one.positives
    ]
    if not each:
        return Curve((), (), (), ())
    precision, recall, f1_score = np.mean(np.array(each), axis=0)
    return _curve(_GRID, precision, recall, f1_score)


def _at_least(confidence: Floats, thresholds: Floats) -> Indices:
    """Count the confidences that reach each threshold."""
    below: Indices = np.searchsorted(np.sort(confidence), thresholds, side="left")
    reached: Indices = len(confidence) - below
    return reached


def _figures(found: Indices, passed: Indices, positives: int) -> tuple[Floats, Floats, Floats]:
    precision: Floats = found / np.maximum(passed, 1)
    recall: Floats = found / positives
    f1_score: Floats = 2.0 * found / (passed + positives)
    return precision, recall, f1_score


def _thinned(thresholds: Floats, found: Indices, assumed: int) -> Indices:
    last = len(thresholds) - 1
    if last < MAX_POINTS:
        return np.arange(last + 1)
    points = (MAX_POINTS - 3) // 2
    steps = np.linspace(thresholds[0], thresholds[-1], points)
    by_threshold = np.searchsorted(thresholds, steps)
    # `found` falls as the threshold rises, and searching needs it to rise.
    steps = np.linspace(-found[0], -found[-1], points)
    by_recall = np.searchsorted(-found, steps)
    every = np.concatenate([by_threshold, by_recall, [0, assumed, last]])
    kept: Indices = np.unique(np.minimum(every, last))
    return kept


def _curve(thresholds: Floats, precision: Floats, recall: Floats, f1_score: Floats) -> Curve:
    figures = (precision, recall, f1_score)
    rounded = (tuple(values.round(_DECIMALS).tolist()) for values in figures)
    return Curve(tuple(thresholds.tolist()), *rounded)
