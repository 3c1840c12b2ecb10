"""Matching, average precision and average recall against faster-coco-eval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.evaluation.coco import coco_evaluation

from lensmith.evaluation.evaluation import evaluate_detector
from lensmith.evaluation.matching import match


@pytest.mark.parametrize("seed", range(20))
def test_the_same_predictions_are_correct(seed: int, detected_set: Callable[..., Any]) -> None:
    given = detected_set(seed)
    coco = coco_evaluation(given, label=None, recalls=[1.0])
    correct = match(given.predicted, given.truth).correct
    pairs = [key.split("_") for key in coco.eval["matched"]]
    assert np.flatnonzero(correct).tolist() == sorted(int(found) - 1 for found, _ in pairs)


@pytest.mark.parametrize("seed", range(20))
def test_average_precision_and_recall_agree(seed: int, detected_set: Callable[..., Any]) -> None:
    given = detected_set(seed)
    matching = match(given.predicted, given.truth)
    evaluation = evaluate_detector(given.labels, given.predicted, given.truth, matching)
    for number, one in enumerate(evaluation.labels):
        positives = int(np.count_nonzero(given.truth.label == number))
        recalls = [rank / positives - 1e-9 for rank in range(1, positives + 1)]
        coco = coco_evaluation(given, label=number, recalls=recalls)
        assert one.average_precision == pytest.approx(coco.eval["precision"].mean(), abs=1e-9)
        assert one.average_recall == pytest.approx(coco.eval["recall"].item(), abs=1e-9)
