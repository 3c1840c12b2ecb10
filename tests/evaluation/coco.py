"""faster-coco-eval as an oracle for the matching of boxes and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster

from lensmith.evaluation.boxes import Boxes

SIDE = 1000  # pixels


def coco_evaluation(
    given: Any,
    label: int | None,
    recalls: Sequence[float],
    overlaps: Sequence[float] = (0.5,),
    areas: Sequence[float] = (0.0, 1e10),
) -> COCOeval_faster:
    """COCO's evaluation of a detected set, of one label or of all.

    COCO interpolates at 101 recalls; asked for exactly the recalls k / positives instead, its
    mean precision is the all-point area under the curve.
    """
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
    evaluation.params.iouThrs = np.array(overlaps)
    evaluation.params.areaRng, evaluation.params.areaRngLbl = [list(areas)], ["all"]
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
