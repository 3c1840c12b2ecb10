"""Precision, recall, F1 and the areas under their curves (evaluation.md 2.3 to 2.5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lensmith.evaluation.boxes import Flags, Floats


@dataclass(frozen=True, slots=True)
class Counts:
    """Outcomes of one label at its threshold; no metric uses true negatives."""

    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float:
        return _ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        return _ratio(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1_score(self) -> float:
        return f1_score(self.precision, self.recall)


def count(confidence: Floats, correct: Flags, positives: int, threshold: float) -> Counts:
    """Count one label's predictions, of which the `correct` ones matched one of `positives`."""
    passed = confidence >= threshold
    true_positives = int(np.count_nonzero(passed & correct))
    false_positives = int(np.count_nonzero(passed & ~correct))
    return Counts(true_positives, false_positives, positives - true_positives)


def f1_score(precision: float, recall: float) -> float:
    """Compute F1, the harmonic mean; 0.0 when both are zero."""
    total = precision + recall
    return 2.0 * precision * recall / total if total else 0.0


def average_precision(confidence: Floats, correct: Flags, positives: int) -> float:
    """Compute the area under the precision-recall curve: all points, precision made monotone."""
    if positives == 0 or len(confidence) == 0:
        return 0.0
    hits = correct[np.argsort(-confidence, kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    monotone = np.maximum.accumulate(precision[::-1])[::-1]
    # Recall rises by 1 / positives at every hit and stays at every miss.
    return float(monotone[hits].sum() / positives)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
