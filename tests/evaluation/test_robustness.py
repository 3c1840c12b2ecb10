"""Answers that flip between a picture and its changed copy."""

from __future__ import annotations

import pytest

from lensmith.domain.geometry import Box
from lensmith.domain.label import Detection, Prediction
from lensmith.evaluation.robustness import (
    Change,
    ChangeKind,
    Flips,
    count_flips,
    robustness,
)

HALF = {"cat": 0.5, "dog": 0.5}
LEFT, NEAR_LEFT, RIGHT = Box(0.1, 0.1, 0.4, 0.4), Box(0.12, 0.1, 0.4, 0.4), Box(0.6, 0.1, 0.3, 0.3)


def said(*detections: tuple[str, float] | tuple[str, float, Box]) -> Prediction:
    return Prediction(tuple(Detection(*one) for one in detections), HALF)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (said(("cat", 0.9), ("dog", 0.1)), said(("cat", 0.6), ("dog", 0.4)), Flips(1, 0)),
        (said(("cat", 0.5), ("dog", 0.1)), said(("cat", 0.49), ("dog", 0.1)), Flips(1, 1)),
        (said(("cat", 0.9), ("dog", 0.1)), said(("cat", 0.2), ("dog", 0.8)), Flips(2, 2)),
        (said(("cat", 0.1)), said(("cat", 0.2)), Flips(0, 0)),
    ],
)
def test_a_label_flips_when_it_crosses_its_threshold(
    before: Prediction, after: Prediction, expected: Flips
) -> None:
    assert count_flips(before, after, HALF) == expected
    assert count_flips(after, before, HALF) == expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (said(("cat", 0.7, NEAR_LEFT)), Flips(1, 0)),
        (said(("cat", 0.9, RIGHT)), Flips(2, 2)),  # elsewhere
        (said(("dog", 0.9, LEFT)), Flips(2, 2)),  # another name
        (said(("cat", 0.9, LEFT), ("cat", 0.8, NEAR_LEFT)), Flips(2, 1)),  # pairs once
        (said(("cat", 0.4, LEFT)), Flips(1, 1)),
    ],
)
def test_a_box_is_the_same_by_place_and_label(after: Prediction, expected: Flips) -> None:
    before = said(("cat", 0.9, LEFT))
    assert count_flips(before, after, HALF) == expected
    assert count_flips(after, before, HALF) == expected


def test_changes_that_cannot_be_made_have_no_figures() -> None:
    jpeg, video = Change(ChangeKind.JPEG, 30), Change(ChangeKind.VIDEO, 28)
    report = robustness(3, {jpeg: Flips(8, 2)}, [video])
    assert (report.pictures, report.answers, report.flips, report.share) == (3, 8, 2, 0.25)
    assert [(one.kind, one.share) for one in report.changes] == [
        (ChangeKind.JPEG, 0.25),
        (ChangeKind.VIDEO, None),
    ]
