"""Matching by hand-made boxes; test_coco.py compares it with COCO's own."""

from __future__ import annotations

import numpy as np
import pytest

from lensmith.domain.geometry import Box
from lensmith.evaluation.boxes import Boxes, box_iou
from lensmith.evaluation.matching import match

SQUARE = Box(0.2, 0.2, 0.2, 0.2)


def test_overlap_is_shared_area_over_joint_area() -> None:
    edges = np.array([[0.0, 0.0, 0.2, 0.1]])
    others = np.array([[0.1, 0.0, 0.3, 0.1], [0.5, 0.5, 0.6, 0.6], [0.0, 0.0, 0.2, 0.1]])
    assert box_iou(edges, others)[0] == pytest.approx([1 / 3, 0.0, 1.0])


def test_boxes_without_area_overlap_nothing() -> None:
    point = np.array([[0.1, 0.1, 0.1, 0.1]])
    assert box_iou(point, point)[0, 0] == 0.0


def test_overlap_of_exactly_one_half_counts() -> None:
    truth = Boxes.collect([[(0, 1.0, Box(0.0, 0.0, 0.5, 0.5))]])
    predicted = Boxes.collect([[(0, 0.9, Box(0.0, 0.0, 0.5, 0.25))]])
    assert match(predicted, truth).correct.tolist() == [True]


def test_less_overlap_than_one_half_does_not() -> None:
    truth = Boxes.collect([[(0, 1.0, Box(0.0, 0.0, 0.5, 0.5))]])
    predicted = Boxes.collect([[(0, 0.9, Box(0.0, 0.0, 0.5, 0.249))]])
    assert match(predicted, truth).correct.tolist() == [False]


def test_the_most_confident_of_two_takes_the_box() -> None:
    truth = Boxes.collect([[(0, 1.0, SQUARE)]])
    predicted = Boxes.collect([[(0, 0.4, SQUARE), (0, 0.9, Box(0.21, 0.2, 0.2, 0.2))]])
    assert match(predicted, truth).correct.tolist() == [False, True]


def test_equal_confidences_choose_in_file_order() -> None:
    truth = Boxes.collect([[(0, 1.0, SQUARE)]])
    predicted = Boxes.collect([[(0, 0.9, Box(0.21, 0.2, 0.2, 0.2)), (0, 0.9, SQUARE)]])
    assert match(predicted, truth).correct.tolist() == [True, False]


def test_a_prediction_takes_the_box_it_covers_best_that_is_left() -> None:
    beside = Box(0.24, 0.2, 0.2, 0.2)
    truth = Boxes.collect([[(0, 1.0, SQUARE), (0, 1.0, beside)]])
    predicted = Boxes.collect([[(0, 0.9, beside), (0, 0.8, beside)]])
    matching = match(predicted, truth)
    assert matching.correct.tolist() == [True, True]
    assert matching.found.tolist() == [True, True]


def test_other_labels_and_other_images_never_match() -> None:
    truth = Boxes.collect([[(0, 1.0, SQUARE)], [(1, 1.0, SQUARE)]])
    predicted = Boxes.collect([[(1, 0.9, SQUARE)], [(0, 0.9, SQUARE)]])
    matching = match(predicted, truth)
    assert not matching.correct.any()
    assert not matching.found.any()
