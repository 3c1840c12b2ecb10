from __future__ import annotations

import pytest

from lensmith.domain.label import Detection, Prediction
from lensmith.serving.capturing import is_unsure
from lensmith.store.records.captures import Capture

THRESHOLDS = {"cup": 0.5, "lid": 0.2}


def capture(below: float) -> Capture:
    return Capture(1, "arn", True, "lab", "captured/", below, 10, 1000, 30, 0, "arn")


@pytest.mark.parametrize(
    ("scores", "below", "kept"),
    [
        ({"cup": 0.95}, 80, False),
        ({"cup": 0.95, "lid": 0.1}, 80, False),  # the lid is no result
        ({"cup": 0.95, "lid": 0.3}, 80, True),
        ({"cup": 0.45}, 80, True),  # no result at all
        ({}, 80, True),
        ({"cup": 1.0}, 100, True),
    ],
)
def test_pictures_without_a_sure_result_are_kept(
    scores: dict[str, float], below: float, kept: bool
) -> None:
    found = tuple(Detection(name, score) for name, score in scores.items())
    assert is_unsure(capture(below), Prediction(found, THRESHOLDS)) is kept
