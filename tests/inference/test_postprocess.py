from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lensmith.domain.geometry import Box
from lensmith.inference.artefact import Artefact, Preprocessing, Resize, Task
from lensmith.inference.postprocess import Floats, classified, detected, suppress
from lensmith.inference.preprocess import Placement, place

WHOLE = Placement(0, 0, 64, 64)


def detector(*labels: str) -> Artefact:
    return Artefact(Task.DETECTION, labels, (0.5,) * len(labels), (64, 64))


def array(*rows: tuple[float, ...]) -> Floats:
    return np.array(rows, np.float32)


def test_every_label_is_classified_once_best_first_ties_by_name() -> None:
    artefact = Artefact(Task.CLASSIFICATION, ("d", "c", "b", "a"), (0.5,) * 4, (64, 64))
    found = classified(np.array([0.2, 0.9, 0.2, np.nan], np.float32), artefact)
    assert [one.name for one in found] == ["c", "b", "d", "a"]
    assert [one.confidence for one in found] == pytest.approx([0.9, 0.2, 0.2, 0.0])
    assert all(one.box is None for one in found)


def test_one_object_is_one_box_and_labels_do_not_suppress_each_other() -> None:
    boxes = array((0.1, 0.1, 0.5, 0.5), (0.1, 0.1, 0.5, 0.52), (0.6, 0.6, 0.9, 0.9))
    scores = array((0.9, 0.3), (0.8, 0.4), (0.7, 0.0))
    found = detected(boxes, scores, WHOLE, detector("cat", "dog"))
    assert [(one.name, round(one.confidence, 2)) for one in found] == [
        ("cat", 0.9),
        ("cat", 0.7),
        ("dog", 0.4),
    ]


def test_confidence_is_kept_down_to_a_thousandth() -> None:
    boxes = array((0, 0, 0.1, 0.1), (0.5, 0.5, 0.6, 0.6))
    found = detected(boxes, array((0.001,), (0.00099,)), WHOLE, detector("cat"))
    assert [one.confidence for one in found] == [pytest.approx(0.001)]


def test_at_most_a_hundred_boxes_the_best() -> None:
    places = [(x / 20, y / 20) for x in range(20) for y in range(20)]
    corners = [(left, top, left + 0.045, top + 0.045) for left, top in places]
    scores = np.linspace(0.01, 0.99, 400, dtype=np.float32)[:, None]
    found = detected(np.array(corners, np.float32), scores, WHOLE, detector("cat"))
    assert len(found) == 100
    assert found[-1].confidence == pytest.approx(float(scores[300, 0]))


def test_boxes_are_clamped_and_those_outside_or_broken_go() -> None:
    boxes = array(
        (-0.5, 0.2, 0.5, 1.7),
        (1.1, 0.1, 1.4, 0.5),
        (0.6, 0.6, 0.5, 0.7),
        (np.nan, 0, 1, 1),
        (np.inf, 0, np.inf, 1),
    )
    [found] = detected(boxes, np.full((5, 1), 0.5, np.float32), WHOLE, detector("cat"))
    assert found.box is not None
    assert dataclasses.astuple(found.box) == pytest.approx((0, 0.2, 0.5, 0.8))


def test_boxes_are_fractions_of_the_image_under_the_letterbox() -> None:
    placement = place((640, 320), (64, 64), Preprocessing(Resize.LETTERBOX))
    assert placement == Placement(0, 16, 64, 32)
    found = detected(array((0.25, 0.25, 0.5, 0.5)), array((0.9,)), placement, detector("cat"))
    assert found[0].box == Box(0.25, 0, 0.25, 0.5)


@given(st.integers(0, 2**32 - 1), st.integers(0, 60), st.floats(0.1, 0.9))
def test_suppression_agrees_with_the_definition(seed: int, count: int, iou: float) -> None:
    chance = np.random.default_rng(seed)
    start = chance.random((count, 2))
    corners = np.concatenate([start, start + chance.random((count, 2))], axis=1).astype(np.float32)
    labels = chance.integers(0, 3, count)
    expected: list[int] = []
    for row in range(count):
        rivals = [one for one in expected if labels[one] == labels[row]]
        if all(overlap(corners[one], corners[row]) <= iou for one in rivals):
            expected.append(row)
    assert suppress(corners, labels, iou, 20) == expected[:20]


def overlap(one: Floats, other: Floats) -> float:
    """Intersection over union, by definition."""
    width = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = [float((box[2] - box[0]) * (box[3] - box[1])) for box in (one, other)]
    return float(width * height / (sum(areas) - width * height))
