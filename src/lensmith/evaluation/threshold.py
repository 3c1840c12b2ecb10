"""The assumed threshold of a label: where its F1 on the test set peaks (evaluation.md 2.3)."""

from __future__ import annotations

import numpy as np

from lensmith.evaluation.boxes import Flags, Floats

UNTESTED = 0.5
"""Threshold of a label without positives or predictions in the test set."""


def assumed_threshold(confidence: Floats, correct: Flags, positives: int) -> float:
    """Find the confidence that maximises F1 when all from it upwards counts; 0..1.

    `positives` counts the ground-truth images or boxes of the label. Equal F1
    goes to the highest threshold. Returns 0.5 without positives or predictions.
    """
    if positives == 0 or len(confidence) == 0:
        return UNTESTED
    order = np.argsort(-confidence, kind="stable")
    descending = confidence[order]
    # Everything of one confidence passes together, so only the last of each run is a candidate.
    last = np.flatnonzero(np.append(np.diff(descending) != 0, True))
    true_positives = np.cumsum(correct[order])[last]
    f1 = 2.0 * true_positives / (last + 1 + positives)
    return float(descending[last[int(f1.argmax())]])
