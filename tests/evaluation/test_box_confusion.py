"""What a detector takes for what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lensmith.domain.geometry import Box
from lensmith.evaluation.box_confusion import BoxConfusion, box_confusion
from lensmith.evaluation.boxes import Boxes
from lensmith.evaluation.evaluation import evaluate_detector
from lensmith.evaluation.matching import match

LEFT, RIGHT = Box(0.1, 0.1, 0.3, 0.3), Box(0.6, 0.6, 0.3, 0.3)
Placed = tuple[int, float, Box]


def confusion(found: list[Placed], wanted: list[Placed]) -> BoxConfusion:
    predicted, truth = Boxes.collect([found]), Boxes.collect([wanted])
    return box_confusion(predicted, truth, match(predicted, truth), np.array([0.5, 0.5]))


def test_a_box_of_another_label_is_taken_for_it() -> None:
    mixed = confusion([(1, 0.9, LEFT)], [(0, 1.0, LEFT)])
    assert mixed.counts.tolist() == [[0, 1], [0, 0]]
    assert mixed.missed.tolist() == mixed.background.tolist() == [0, 0]


def test_what_matched_within_its_label_stays_so() -> None:
    mixed = confusion([(1, 0.9, LEFT), (0, 0.6, LEFT)], [(0, 1.0, LEFT)])
    assert mixed.counts.tolist() == [[1, 0], [0, 0]]
    assert mixed.background.tolist() == [0, 1]


def test_predictions_below_their_threshold_are_not_there() -> None:
    mixed = confusion([(0, 0.4, LEFT), (1, 0.4, RIGHT)], [(0, 1.0, LEFT)])
    assert mixed.counts.tolist() == [[0, 0], [0, 0]]
    assert mixed.missed.tolist() == [1, 0]
    assert mixed.background.tolist() == [0, 0]


def test_a_box_is_taken_once_by_the_most_confident() -> None:
    mixed = confusion([(1, 0.8, LEFT), (1, 0.9, LEFT)], [(0, 1.0, LEFT), (0, 1.0, RIGHT)])
    assert mixed.counts.tolist() == [[0, 1], [0, 0]]
    assert mixed.missed.tolist() == [1, 0]
    assert mixed.background.tolist() == [0, 1]


@pytest.mark.parametrize("seed", range(10))
def test_counts_reconcile_with_the_evaluation(seed: int, detected_set: Callable[..., Any]) -> None:
    given = detected_set(seed)
    matching = match(given.predicted, given.truth)
    evaluation = evaluate_detector(given.labels, given.predicted, given.truth, matching)
    thresholds = np.array(evaluation.thresholds)
    mixed = box_confusion(given.predicted, given.truth, matching, thresholds)
    for number, one in enumerate(evaluation.labels):
        counts = one.counts
        assert mixed.counts[number, number] == counts.true_positives
        positives = counts.true_positives + counts.false_negatives
        assert mixed.counts[number].sum() + mixed.missed[number] == positives
        shown = counts.true_positives + counts.false_positives
        assert mixed.counts[:, number].sum() + mixed.background[number] == shown
