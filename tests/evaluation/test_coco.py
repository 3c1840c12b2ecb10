"""Matching, average precision and average recall against the COCO evaluation of faster-coco-eval.

COCO interpolates at 101 recalls; asked for exactly the recalls k / positives instead, its mean
precision is the all-point area under the curve, so the two must agree to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from faster_coco_eval import COCO, COCOeval_faster

from lensmith.evaluation.boxes import Boxes
from lensmith.evaluation.evaluation import evaluate_detector
from lensmith.evaluation.matching import match

SIDE = 1000  # pixels


@pytest.mark.parametrize("seed", range(20))
def test_the_same_predictions_are_correct(seed: int, detected_set: Callable[..., Any]) -> None:
    given = detected_set(seed)
    coco = _coco(given, label=None, recalls=[1.0])
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
        coco = _coco(given, label=number, recalls=recalls)
        assert one.average_precision == pytest.approx(coco.eval["precision"].mean(), abs=1e-9)
        assert one.average_recall == pytest.approx(coco.eval["recall"].item(), abs=1e-9)


def _coco(given: Any, label: int | None, recalls: list[float]) -> COCOeval_faster:
    """COCO's evaluation at IoU 0.5, of one label or of all."""
    truth = COCO()
    truth.dataset = {
        "images": [{"id": n + 1, "width": SIDE, "height": SIDE} for n in range(given.images)],
        "categories": [{"id": n + 1, "name": name} for n, name in enumerate(given.labels)],
        "annotations": [{**_box(given.truth, n), "iscrowd": 0} for n in range(len(given.truth))],
    }
    truth.createIndex()
    scores = given.predicted.confidence
    predicted = truth.loadRes(
        [{**_box(given.predicted, n), "score": float(scores[n])} for n in range(len(scores))]
    )
    evaluation = COCOeval_faster(truth, predicted, "bbox", print_function=lambda _: None)
    evaluation.params.iouThrs = np.array([0.5])
    evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
    evaluation.params.maxDets = [100]
    evaluation.params.recThrs = np.array(recalls)
    if label is not None:
        evaluation.params.catIds = [label + 1]
    evaluation.evaluate()
    evaluation.accumulate()
    return evaluation


def _box(boxes: Boxes, index: int) -> dict[str, Any]:
    box = boxes.box(index)
    return {
        "id": index + 1,
        "image_id": int(boxes.image[index]) + 1,
        "category_id": int(boxes.label[index]) + 1,
        "bbox": [SIDE * edge for edge in (box.left, box.top, box.width, box.height)],
        "area": SIDE * SIDE * box.width * box.height,
    }
