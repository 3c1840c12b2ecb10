"""Precision, recall, F1 and the areas under their curves (evaluation.md 2.3 to 2.5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lensmith.evaluation.boxes import Flags, Floats


@dataclass(frozen=True, slots=True)
class Counts:
    """Outcomes of one label at its threshold; true negatives take no part in any metric."""

    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float:
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        return _share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1_score(self) -> float:
        return harmonic_mean(self.precision, self.recall)


def count(confidence: Floats, correct: Flags, positives: int, threshold: float) -> Counts:
    """Count one label's predictions, of which those `correct` found one of `positives`."""
    passed = confidence >= threshold
    true_positives = int(np.count_nonzero(passed & correct))
    false_positives = int(np.count_nonzero(passed & ~correct))
    return Counts(true_positives, false_positives, positives - true_positives)


def harmonic_mean(precision: float, recall: float) -> float:
    """F1; 0.0 when both are zero."""
    total = precision + recall
    return 2.0 * precision * recall / total if total else 0.0


def average_precision(confidence: Floats, correct: Flags, positives: int) -> float:
    """Area under the precision-recall curve, precision made monotone, all points."""
    if positives == 0 or len(confidence) == 0:
        return 0.0
    hits = correct[np.argsort(-confidence, kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    monotone = np.maximum.accumulate(precision[::-1])[::-1]
    # Recall rises by 1 / positives at every hit and stays at every miss.
    return float(monotone[hits].sum() / positives)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
