"""Predictions on each test image with their outcomes, and a score of how wrong they are."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest

import numpy as np

from lensmith.domain.geometry import Box
from lensmith.evaluation.box_confusion import BoxPairs, box_pairs
from lensmith.evaluation.boxes import Boxes, Flags, Floats, Indices
from lensmith.evaluation.confusion import confused_labels
from lensmith.evaluation.evaluation import Evaluation
from lensmith.evaluation.ground_truth import GroundTruth
from lensmith.evaluation.matching import UNMATCHED, Matching
from lensmith.evaluation.snapshot import PredictionOutcome

NEAREST = 5
"""True negatives listed for an image: those nearest to their thresholds."""

_CONFIDENCE_DECIMALS = 5
_SURPRISE_DECIMALS = 4
_MIN_CONFIDENCE, _MAX_CONFIDENCE = 0.001, 0.999  # confidences are clipped to this range


@dataclass(frozen=True, slots=True)
class TrueLabel:
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
class OutcomeCounts:
    """Results of an image by outcome, including those not listed."""

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """A cell of the confusion matrix that an image counts in; None: no such box."""

    truth: str | None
    predicted: str | None


@dataclass(frozen=True, slots=True)
class ImageResult:
    source_ref: str
    line: int  # from 1, in the validation manifest
    wrongness: float  # see `wrongness`
    truth: tuple[TrueLabel, ...]
    results: tuple[Result, ...]  # by confidence; of true negatives the five nearest only
    counts: OutcomeCounts
    width: int | None = None  # declared pixels, given with boxes
    height: int | None = None
    confusions: tuple[Confusion, ...] = ()


@dataclass(frozen=True, slots=True)
class _Judged:
    """A result before it is written; `surprise` in bits."""

    label: str
    confidence: float
    outcome: PredictionOutcome
    surprise: float
    box: Box | None = None


def surprise(confidence: float, threshold: float, outcome: PredictionOutcome) -> float:
    """Compute how far a confidence is on the wrong side of its threshold, in bits.

    The logistic loss of its distance from the threshold in log-odds: 1 on the threshold, more for
    a mistake, less for what is right, near 0 far on the right side.
    """
    distance = _log_odds(confidence) - _log_odds(threshold)
    return math.log2(1.0 + math.exp(-distance if outcome.present else distance))


def wrongness(judged: Iterable[tuple[float, PredictionOutcome]]) -> float:
    """Sum the surprises of an image's mistakes, each at least 1.

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
    """Yield the results of every image; `scores` and `truth` are [images, labels]."""
    thresholds = evaluation.thresholds
    for number, image in enumerate(images):
        judged = [
            _judge(one.label, float(scores[number, label]), thresholds[label], bool(present))
            for label, (one, present) in enumerate(
                zip(evaluation.labels, truth[number], strict=True)
            )
        ]
        confusions = [
            Confusion(evaluation.labels[is_].label, evaluation.labels[said].label)
            for is_, said in confused_labels(scores[number], truth[number])
        ]
        true_labels = [TrueLabel(label) for label, _ in image.labels]
        yield _image_result(image, true_labels, judged, confusions)


def detector_images(
    images: Sequence[GroundTruth],
    predicted: Boxes,
    truth: Boxes,
    matching: Matching,
    evaluation: Evaluation,
) -> Iterator[ImageResult]:
    """Yield the results of every image; unmatched ground truth has confidence 0."""
    pairs = box_pairs(predicted, truth, matching, np.array(evaluation.thresholds))
    confusions = _box_confusions(predicted, truth, pairs, evaluation)
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
        true_labels = [TrueLabel(label, box) for label, box in image.boxes]
        yield _image_result(image, true_labels, judged, confusions[number])


def _box_confusions(
    predicted: Boxes, truth: Boxes, pairs: BoxPairs, evaluation: Evaluation
) -> defaultdict[int, list[Confusion]]:
    """Collect the confusions by the number of their image."""
    found: defaultdict[int, list[Confusion]] = defaultdict(list)
    names = [one.label for one in evaluation.labels]
    for wanted, said in zip(pairs.truth, pairs.predicted, strict=True):
        image = predicted.image[said] if wanted == UNMATCHED else truth.image[wanted]
        is_ = None if wanted == UNMATCHED else names[truth.label[wanted]]
        found[int(image)].append(
            Confusion(is_, None if said == UNMATCHED else names[predicted.label[said]])
        )
    return found


def _judged_box(
    predicted: Boxes, matching: Matching, evaluation: Evaluation, index: int
) -> _Judged:
    one = evaluation.labels[predicted.label[index]]
    confidence, present = float(predicted.confidence[index]), bool(matching.correct[index])
    return _judge(one.label, confidence, one.threshold, present, predicted.box(index))


def _judged_miss(truth: Boxes, evaluation: Evaluation, index: int) -> _Judged:
    one = evaluation.labels[truth.label[index]]
    bits = surprise(0.0, one.threshold, PredictionOutcome.FALSE_NEGATIVE)
    return _Judged(one.label, 0.0, PredictionOutcome.FALSE_NEGATIVE, bits, truth.box(index))


def _missed(matching: Matching, start: int, end: int) -> Indices:
    missed: Indices = start + np.flatnonzero(~matching.found[start:end])
    return missed


def _judge(
    label: str, confidence: float, threshold: float, present: bool, box: Box | None = None
) -> _Judged:
    outcome = PredictionOutcome.of(confidence, threshold, present)
    return _Judged(label, confidence, outcome, surprise(confidence, threshold, outcome), box)


def _image_result(
    image: GroundTruth,
    truth: list[TrueLabel],
    judged: list[_Judged],
    confusions: Iterable[Confusion],
) -> ImageResult:
    counts = Counter(each.outcome for each in judged)
    return ImageResult(
        image.source_ref,
        image.line,
        wrongness((each.surprise, each.outcome) for each in judged),
        tuple(truth),
        tuple(_result(each) for each in _listed(judged)),
        OutcomeCounts(
            counts[PredictionOutcome.TRUE_POSITIVE],
            counts[PredictionOutcome.FALSE_POSITIVE],
            counts[PredictionOutcome.FALSE_NEGATIVE],
            counts[PredictionOutcome.TRUE_NEGATIVE],
        ),
        image.size.width if image.size else None,
        image.size.height if image.size else None,
        tuple(dict.fromkeys(confusions)),
    )


def _listed(judged: list[_Judged]) -> list[_Judged]:
    negatives = [each for each in judged if each.outcome is PredictionOutcome.TRUE_NEGATIVE]
    rest = [each for each in judged if each.outcome is not PredictionOutcome.TRUE_NEGATIVE]
    nearest = nlargest(NEAREST, negatives, key=lambda each: each.surprise)
    return sorted([*rest, *nearest], key=lambda each: -each.confidence)


def _result(judged: _Judged) -> Result:
    confidence = round(judged.confidence, _CONFIDENCE_DECIMALS)
    return Result(judged.label, confidence, outcome_word(judged.outcome), judged.box)


def outcome_word(outcome: PredictionOutcome) -> str:
    """Return `true-positive` and so on."""
    return outcome.value.removeprefix("is-")


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, _MIN_CONFIDENCE), _MAX_CONFIDENCE)
    return math.log(bounded / (1.0 - bounded))


_MISTAKES = frozenset({PredictionOutcome.FALSE_POSITIVE, PredictionOutcome.FALSE_NEGATIVE})
