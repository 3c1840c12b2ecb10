"""What the model said of each test image, and how wrong it was."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest

import numpy as np

from lensmith.domain.geometry import Box
from lensmith.evaluation.boxes import Boxes, Flags, Floats, Indices
from lensmith.evaluation.evaluation import Evaluation
from lensmith.evaluation.ground_truth import GroundTruth
from lensmith.evaluation.matching import Matching
from lensmith.evaluation.snapshot import Outcome

NEAREST = 5
"""How many true negatives of an image are listed: those nearest to their thresholds."""

_CONFIDENCE_DECIMALS = 5
_SURPRISE_DECIMALS = 4
_LEAST, _MOST = 0.001, 0.999  # beyond them a confidence is no surer


@dataclass(frozen=True, slots=True)
class Truth:
    """One label, or one box, of the ground truth."""

    label: str
    box: Box | None = None  # fractions of the image


@dataclass(frozen=True, slots=True)
class Result:
    """One prediction, or one ground-truth box that nothing matched (confidence 0)."""

    label: str
    confidence: float  # 0..1
    outcome: str  # true-positive, false-positive, false-negative or true-negative
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many results of an image came out how; those not listed count too."""

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int


@dataclass(frozen=True, slots=True)
class ImageResult:
    source_ref: str
    line: int  # from 1, in the validation manifest
    wrongness: float  # see `wrongness`
    truth: tuple[Truth, ...]
    results: tuple[Result, ...]  # by confidence; of true negatives the five nearest only
    counts: Outcomes
    width: int | None = None  # declared pixels, given with boxes
    height: int | None = None


@dataclass(frozen=True, slots=True)
class _Judged:
    """A result before it is written; `surprise` in bits."""

    label: str
    confidence: float
    outcome: Outcome
    surprise: float
    box: Box | None = None


def surprise(confidence: float, threshold: float, outcome: Outcome) -> float:
    """How far a confidence is on the wrong side of its threshold, in bits.

    The logistic loss of its distance from the threshold in log-odds: 1 on the threshold, more for
    a mistake, less for what is right, near 0 far on the right side.
    """
    distance = _log_odds(confidence) - _log_odds(threshold)
    return math.log2(1.0 + math.exp(-distance if outcome.present else distance))


def wrongness(judged: Iterable[tuple[float, Outcome]]) -> float:
    """Of an image: the sum of the surprises of its mistakes, each at least 1.

    Without a mistake it is the surprise of the result nearest to one, at most 1.
    """
    mistakes, nearest = 0.0, 0.0
    for bits, outcome in judged:
        if outcome in _MISTAKES:
            mistakes += max(bits, 1.0)
        else:
            nearest = max(nearest, min(bits, 1.0))
    return round(mistakes or nearest, _SURPRISE_DECIMALS)


def classifier_images(
    images: Sequence[GroundTruth], scores: Floats, truth: Flags, evaluation: Evaluation
) -> Iterator[ImageResult]:
    """The results of every image; `scores` and `truth` are [images, labels]."""
    thresholds = evaluation.thresholds
    for number, image in enumerate(images):
        judged = [
            _judge(one.label, float(scores[number, label]), thresholds[label], bool(present))
            for label, (one, present) in enumerate(
                zip(evaluation.labels, truth[number], strict=True)
            )
        ]
        yield _image_result(image, [Truth(label) for label, _ in image.labels], judged)


def detector_images(
    images: Sequence[GroundTruth],
    predicted: Boxes,
    truth: Boxes,
    matching: Matching,
    evaluation: Evaluation,
) -> Iterator[ImageResult]:
    """The results of every image; what matched nothing stands with confidence 0."""
    numbers = np.arange(len(images) + 1)
    found, wanted = (np.searchsorted(boxes.image, numbers) for boxes in (predicted, truth))
    for number, image in enumerate(images):
        judged = [
            _judged_box(predicted, matching, evaluation, index)
            for index in range(found[number], found[number + 1])
        ]
        judged += [
            _judged_miss(truth, evaluation, index)
            for index in _missed(matching, wanted[number], wanted[number + 1])
        ]
        yield _image_result(image, [Truth(label, box) for label, box in image.boxes], judged)


def _judged_box(
    predicted: Boxes, matching: Matching, evaluation: Evaluation, index: int
) -> _Judged:
    one = evaluation.labels[predicted.label[index]]
    confidence, present = float(predicted.confidence[index]), bool(matching.correct[index])
    return _judge(one.label, confidence, one.threshold, present, predicted.box(index))


def _judged_miss(truth: Boxes, evaluation: Evaluation, index: int) -> _Judged:
    one = evaluation.labels[truth.label[index]]
    bits = surprise(0.0, one.threshold, Outcome.FALSE_NEGATIVE)
    return _Judged(one.label, 0.0, Outcome.FALSE_NEGATIVE, bits, truth.box(index))


def _missed(matching: Matching, start: int, end: int) -> Indices:
    missed: Indices = start + np.flatnonzero(~matching.found[start:end])
    return missed


def _judge(
    label: str, confidence: float, threshold: float, present: bool, box: Box | None = None
) -> _Judged:
    outcome = Outcome.of(confidence, threshold, present)
    return _Judged(label, confidence, outcome, surprise(confidence, threshold, outcome), box)


def _image_result(image: GroundTruth, truth: list[Truth], judged: list[_Judged]) -> ImageResult:
    counts = Counter(each.outcome for each in judged)
    return ImageResult(
        image.source_ref,
        image.line,
        wrongness((each.surprise, each.outcome) for each in judged),
        tuple(truth),
        tuple(_result(each) for each in _listed(judged)),
        Outcomes(
            counts[Outcome.TRUE_POSITIVE],
            counts[Outcome.FALSE_POSITIVE],
            counts[Outcome.FALSE_NEGATIVE],
            counts[Outcome.TRUE_NEGATIVE],
        ),
        image.size.width if image.size else None,
        image.size.height if image.size else None,
    )


def _listed(judged: list[_Judged]) -> list[_Judged]:
    negatives = [each for each in judged if each.outcome is Outcome.TRUE_NEGATIVE]
    rest = [each for each in judged if each.outcome is not Outcome.TRUE_NEGATIVE]
    nearest = nlargest(NEAREST, negatives, key=lambda each: each.surprise)
    return sorted([*rest, *nearest], key=lambda each: -each.confidence)


def _result(judged: _Judged) -> Result:
    confidence = round(judged.confidence, _CONFIDENCE_DECIMALS)
    return Result(judged.label, confidence, outcome_word(judged.outcome), judged.box)


def outcome_word(outcome: Outcome) -> str:
    """`true-positive` and so on."""
    return outcome.value.removeprefix("is-")


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, _LEAST), _MOST)
    return math.log(bounded / (1.0 - bounded))


_MISTAKES = frozenset({Outcome.FALSE_POSITIVE, Outcome.FALSE_NEGATIVE})
