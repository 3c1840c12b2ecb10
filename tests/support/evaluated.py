"""Two small evaluations whose every figure is known, as training leaves them beside a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from lensmith.domain.geometry import Box
from lensmith.evaluation.boxes import Boxes
from lensmith.evaluation.evaluation import evaluate_classifier, evaluate_detector
from lensmith.evaluation.ground_truth import Annotator, GroundTruth, ImageSize
from lensmith.evaluation.image_result import ImageResult, classifier_images, detector_images
from lensmith.evaluation.matching import match
from lensmith.evaluation.report import EvaluationReport, classifier_report, detector_report
from lensmith.evaluation.robustness import Change, ChangeKind, Flips, robustness
from lensmith.evaluation.summary import EvaluatedVersion

VERSION = EvaluatedVersion("arn", 20, 7, datetime(2026, 11, 23, 7, 0, tzinfo=UTC))

FLOWERS = ("daisy", "poppy", "tulip")
SCORES = (  # the assumed thresholds are 0.25, 0.42 and 0.42
    ("daisy", (0.90, 0.10, 0.05)),
    ("daisy", (0.30, 0.80, 0.10)),  # a false poppy
    ("poppy", (0.20, 0.90, 0.10)),
    ("poppy", (0.10, 0.70, 0.30)),
    ("tulip", (0.10, 0.20, 0.80)),
    ("tulip", (0.05, 0.10, 0.60)),
    ("tulip", (0.60, 0.05, 0.02)),  # a false daisy, a missed tulip
)

LATER_SCORES = (  # of a later version: the second picture is right, the fourth wrong
    *SCORES[:1],
    ("daisy", (0.90, 0.10, 0.10)),
    *SCORES[2:3],
    ("poppy", (0.95, 0.10, 0.30)),
    *SCORES[4:],
)

ROBUSTNESS = robustness(
    4,
    {Change(ChangeKind.JPEG, 30): Flips(8, 1), Change(ChangeKind.TURNED, 3): Flips(7, 0)},
    [Change(ChangeKind.VIDEO, 28)],
)

LEFT, RIGHT = Box(0.1, 0.1, 0.3, 0.3), Box(0.6, 0.6, 0.3, 0.3)
CHIP, LAMP = 0, 1
PARTS = ("chip", "lamp")
WANTED = (((CHIP, LEFT),), ((CHIP, LEFT), (LAMP, RIGHT)), ((LAMP, RIGHT),))
FOUND = (  # the assumed thresholds are 0.4 and 0.32
    ((CHIP, 0.9, LEFT),),
    ((LAMP, 0.8, LEFT), (LAMP, 0.7, RIGHT)),  # a lamp where a chip is
    ((LAMP, 0.6, RIGHT), (CHIP, 0.2, RIGHT)),
)


@dataclass(frozen=True)
class Evaluated:
    report: EvaluationReport
    images: list[ImageResult]


def evaluated_flowers(
    given: Sequence[tuple[str, tuple[float, float, float]]] = SCORES,
) -> Evaluated:
    scores = np.array([scores for _, scores in given])
    truth = np.array([[label == flower for flower in FLOWERS] for label, _ in given])
    evaluation = evaluate_classifier(FLOWERS, scores, truth)
    images = [
        GroundTruth(f"s3://garden/test/{number}.jpg", number + 1, labels=((label, Annotator()),))
        for number, (label, _) in enumerate(given)
    ]
    return Evaluated(
        replace(classifier_report(scores, truth, evaluation, VERSION), robustness=ROBUSTNESS),
        list(classifier_images(images, scores, truth, evaluation)),
    )


def evaluated_boards() -> Evaluated:
    predicted = Boxes.collect(FOUND)
    truth = Boxes.collect([[(label, 1.0, box) for label, box in image] for image in WANTED])
    matching = match(predicted, truth)
    evaluation = evaluate_detector(PARTS, predicted, truth, matching)
    images = [
        GroundTruth(
            f"s3://lab/boards/{number}.jpg",
            number + 1,
            boxes=tuple((PARTS[label], box) for label, box in image),
            size=ImageSize(800, 600),
        )
        for number, image in enumerate(WANTED)
    ]
    return Evaluated(
        detector_report(predicted, truth, matching, evaluation, VERSION),
        list(detector_images(images, predicted, truth, matching, evaluation)),
    )
