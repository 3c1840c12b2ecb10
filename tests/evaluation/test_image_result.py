"""Results of single images: by example, and reconciled with evaluation and snapshot."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.evaluated import LEFT, evaluated_boards, evaluated_flowers

from lensmith.evaluation.evaluation import Evaluation, evaluate_classifier, evaluate_detector
from lensmith.evaluation.ground_truth import Annotator, GroundTruth, ImageSize
from lensmith.evaluation.image_result import (
    NEAREST,
    ImageResult,
    classifier_images,
    detector_images,
    outcome_word,
    surprise,
    wrongness,
)
from lensmith.evaluation.matching import match
from lensmith.evaluation.snapshot import PredictionOutcome, classifier_snapshot, detector_snapshot

ENDED = datetime(2024, 5, 6, tzinfo=UTC)
Reader = Callable[[Iterable[bytes]], Counter[tuple[str, str]]]
share = st.floats(0.0, 1.0)


@given(share, share, st.booleans())
def test_mistakes_surprise_by_a_bit_or_more(
    confidence: float, threshold: float, present: bool
) -> None:
    outcome = PredictionOutcome.of(confidence, threshold, present)
    bits = surprise(confidence, threshold, outcome)
    if outcome in {PredictionOutcome.FALSE_POSITIVE, PredictionOutcome.FALSE_NEGATIVE}:
        assert bits >= 1.0 - 1e-9
    else:
        assert bits <= 1.0 + 1e-9


def test_on_the_threshold_a_result_surprises_by_one_bit() -> None:
    assert surprise(0.3, 0.3, PredictionOutcome.TRUE_POSITIVE) == 1.0
    assert surprise(0.9, 0.3, PredictionOutcome.FALSE_POSITIVE) > surprise(
        0.5, 0.3, PredictionOutcome.FALSE_POSITIVE
    )
    assert surprise(0.0, 0.3, PredictionOutcome.FALSE_NEGATIVE) > surprise(
        0.2, 0.3, PredictionOutcome.FALSE_NEGATIVE
    )


@given(st.lists(st.tuples(st.floats(0.0, 12.0), st.sampled_from(PredictionOutcome))))
def test_an_image_with_a_mistake_is_worse_than_any_without(
    judged: list[tuple[float, PredictionOutcome]],
) -> None:
    wrong = [each for each in judged if each[1].value in {"is-false-positive", "is-false-negative"}]
    assert (wrongness(judged) >= len(wrong)) if wrong else (wrongness(judged) <= 1.0)


def test_images_of_a_classifier() -> None:
    images = sorted(evaluated_flowers().images, key=lambda image: -image.wrongness)
    assert [image.source_ref[-5] for image in images[:2]] == ["6", "1"]
    worst = images[0]
    assert [each.label for each in worst.truth] == ["tulip"]
    assert [(each.label, each.confidence, each.outcome) for each in worst.results] == [
        ("daisy", 0.6, "false-positive"),
        ("poppy", 0.05, "true-negative"),
        ("tulip", 0.02, "false-negative"),
    ]
    assert (worst.counts.false_positives, worst.counts.false_negatives) == (1, 1)
    assert (worst.counts.true_positives, worst.counts.true_negatives) == (0, 1)
    assert images[2].wrongness <= 1.0 < images[1].wrongness


def test_images_of_a_detector() -> None:
    first, second, third = evaluated_boards().images
    assert [(each.label, each.outcome) for each in first.results] == [("chip", "true-positive")]
    assert [(each.label, each.confidence, each.outcome) for each in second.results] == [
        ("lamp", 0.8, "false-positive"),
        ("lamp", 0.7, "true-positive"),
        ("chip", 0.0, "false-negative"),
    ]
    missed = second.results[2].box
    assert missed is not None
    assert (missed.left, missed.width) == pytest.approx((LEFT.left, LEFT.width))
    assert [each.outcome for each in third.results] == ["true-positive", "true-negative"]
    assert (first.width, first.height) == (800, 600)
    assert second.wrongness > 2.0 > third.wrongness


@pytest.mark.parametrize("seed", range(3))
def test_a_classifier_reconciles(
    seed: int, classified_set: Callable[..., Any], count_outcomes: Reader
) -> None:
    given = classified_set(seed, labels=12)
    evaluation = evaluate_classifier(given.labels, given.scores, given.truth)
    truths = [
        GroundTruth(
            f"s3://b/{number}.jpg",
            number + 1,
            labels=tuple((given.labels[label], Annotator()) for label in np.flatnonzero(row)),
        )
        for number, row in enumerate(given.truth)
    ]
    images = list(classifier_images(truths, given.scores, given.truth, evaluation))
    lines = list(classifier_snapshot(truths, given.scores, given.truth, evaluation, ENDED))
    _reconcile(images, evaluation, count_outcomes, lines)
    for image, line in zip(images, lines, strict=True):
        said = {
            metadata["class-name"]: metadata["confidence"]
            for key, metadata in json.loads(line).items()
            if key.endswith("-metadata") and "evaluation" in key
        }
        assert all(said[each.label] == each.confidence for each in image.results)


@pytest.mark.parametrize("seed", range(3))
def test_a_detector_reconciles(
    seed: int, detected_set: Callable[..., Any], count_outcomes: Reader
) -> None:
    given = detected_set(seed)
    matching = match(given.predicted, given.truth)
    evaluation = evaluate_detector(given.labels, given.predicted, given.truth, matching)
    truths = [
        GroundTruth(
            f"s3://b/{number}.jpg",
            number + 1,
            boxes=tuple(
                (given.labels[given.truth.label[index]], given.truth.box(index))
                for index in np.flatnonzero(given.truth.image == number)
            ),
            size=ImageSize(800, 600),
        )
        for number in range(given.images)
    ]
    boxes = (given.predicted, given.truth, matching, evaluation)
    images = list(detector_images(truths, *boxes))
    _reconcile(images, evaluation, count_outcomes, detector_snapshot(truths, *boxes, ENDED))
    assert sum(len(image.truth) for image in images) == len(given.truth)


def _reconcile(
    images: list[ImageResult], evaluation: Evaluation, read: Reader, lines: Iterable[bytes]
) -> None:
    """Counts of images, of the snapshot and of the labels are the same."""
    snapshot = read(lines)
    listed = Counter((each.label, each.outcome) for image in images for each in image.results)
    for outcome in PredictionOutcome:
        word = outcome_word(outcome)
        counted = sum(getattr(image.counts, word.replace("-", "_") + "s") for image in images)
        said = {label: n for (label, flag), n in snapshot.items() if flag == outcome.value}
        assert counted == sum(said.values())
        if outcome is not PredictionOutcome.TRUE_NEGATIVE:
            assert said == {label: n for (label, name), n in listed.items() if name == word}
    for one in evaluation.labels:
        assert listed[one.label, "true-positive"] == one.counts.true_positives
        assert listed[one.label, "false-positive"] == one.counts.false_positives
        assert listed[one.label, "false-negative"] == one.counts.false_negatives
    for image in images:
        negatives = sum(each.outcome == "true-negative" for each in image.results)
        assert negatives == min(image.counts.true_negatives, NEAREST)
