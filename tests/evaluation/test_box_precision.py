"""Average precision by size and over overlaps against faster-coco-eval.

Sizes are shares of the frame here and pixels there, so the oracle is given a square frame.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from tests.evaluation.coco import SIDE, coco_evaluation

from lensmith.domain.geometry import Box
from lensmith.evaluation.box_precision import (
    SIZE_RANGES,
    ObjectSize,
    precision_by_size,
    precision_over_overlaps,
)
from lensmith.evaluation.boxes import Boxes, Floats
from lensmith.evaluation.matching import match_candidates


def mean_precision(given: Any, wanted: list[int], **parameters: Any) -> float:
    """All-point average precision of the labels with examples, by the oracle."""
    means = []
    for label, positives in enumerate(wanted):
        if positives:
            recalls = [rank / positives - 1e-9 for rank in range(1, positives + 1)]
            coco = coco_evaluation(given, label=label, recalls=recalls, **parameters)
            means.append(float(coco.eval["precision"].mean()))
    return fmean(means) if means else 0.0


@pytest.mark.parametrize("seed", range(8))
def test_by_size(seed: int, detected_set: Callable[..., Any]) -> None:
    given = detected_set(seed, images=30, sides=(0.01, 0.2))
    found = precision_by_size(
        len(given.labels),
        given.predicted,
        given.truth,
        match_candidates(given.predicted, given.truth),
    )
    assert [each.size for each in found] == list(ObjectSize)
    assert sum(each.boxes for each in found) == len(given.truth)
    assert all(each.boxes for each in found)
    side = sides(given.truth)
    for each in found:
        low, high = SIZE_RANGES[each.size]
        counted = (side >= low) & (side < high)
        wanted = np.bincount(given.truth.label[counted], minlength=len(given.labels))
        areas = [(low * SIDE) ** 2, min((high * SIDE) ** 2, 1e10)]
        expected = mean_precision(given, wanted.tolist(), areas=areas)
        assert each.average_precision == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_over_overlaps(seed: int, detected_set: Callable[..., Any]) -> None:
    given = detected_set(seed)
    found = precision_over_overlaps(
        len(given.labels),
        given.predicted,
        given.truth,
        match_candidates(given.predicted, given.truth),
    )
    wanted = np.bincount(given.truth.label, minlength=len(given.labels))
    overlaps = np.linspace(0.5, 0.95, 10)
    expected = mean_precision(given, wanted.tolist(), overlaps=overlaps)
    assert found == pytest.approx(expected, abs=1e-9)


def test_sizes_are_shares_of_the_frame() -> None:
    """A square of 3 % of both sides is medium, and one that is a tenth is large."""
    truth = Boxes.collect(
        [[(0, 1.0, Box(0.0, 0.0, side, side)) for side in (0.029, 0.0301, 0.099, 0.1001)]]
    )
    found = precision_by_size(1, Boxes.collect([[]]), truth, [])
    assert [each.boxes for each in found] == [1, 2, 1]
    assert [each.average_precision for each in found] == [0.0, 0.0, 0.0]


def sides(boxes: Boxes) -> Floats:
    lengths: Floats = np.sqrt((boxes.edges[:, 2:] - boxes.edges[:, :2]).prod(axis=1))
    return lengths
