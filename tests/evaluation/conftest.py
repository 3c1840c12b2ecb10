"""Random test sets, as a model would leave them, and a reader of the result files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from lensmith.domain.geometry import Box
from lensmith.evaluation.boxes import Boxes, Flags, Floats


@dataclass(frozen=True)
class ClassifiedSet:
    labels: list[str]
    scores: Floats  # [images, labels]
    truth: Flags  # [images, labels]


@dataclass(frozen=True)
class DetectedSet:
    labels: list[str]
    images: int
    predicted: Boxes
    truth: Boxes


@pytest.fixture
def classified_set() -> Callable[..., ClassifiedSet]:
    return _classified


@pytest.fixture
def detected_set() -> Callable[..., DetectedSet]:
    return _detected


def _classified(
    seed: int, images: int = 40, labels: int = 5, single: bool = False
) -> ClassifiedSet:
    """Scores that lean towards the truth, coarse enough for ties; the last label is untested."""
    random = np.random.default_rng(seed)
    truth = np.zeros((images, labels), dtype=np.bool_)
    truth[np.arange(images), random.integers(labels - 1, size=images)] = True
    if not single:
        truth[:, : labels - 1] |= random.random((images, labels - 1)) < 0.2
    scores = random.normal(0.3 + 0.3 * truth, 0.2).clip(0.0, 1.0).round(2)
    return ClassifiedSet([f"label {n}" for n in range(labels)], scores, truth)


def _detected(
    seed: int, images: int = 12, labels: int = 3, sides: tuple[float, float] = (0.1, 0.4)
) -> DetectedSet:
    """Ground truth, some of it found with a shift, and some false alarms; distinct confidences."""
    random = np.random.default_rng(seed)
    wanted, found = [], []
    for _ in range(images):
        boxes = [
            (int(random.integers(labels)), _box(random, sides))
            for _ in range(random.integers(1, 6))
        ]
        wanted.append([(label, 1.0, box) for label, box in boxes])
        hits = [(label, _shifted(random, box)) for label, box in boxes if random.random() < 0.7]
        false = [
            (int(random.integers(labels)), _box(random, sides)) for _ in range(random.integers(4))
        ]
        found.append([(label, float(random.random()), box) for label, box in hits + false])
    names = [f"label {n}" for n in range(labels)]
    return DetectedSet(names, images, Boxes.collect(found), Boxes.collect(wanted))


def _box(random: np.random.Generator, sides: tuple[float, float]) -> Box:
    width, height = random.uniform(*sides, size=2)
    return Box(random.uniform(0, 1 - width), random.uniform(0, 1 - height), width, height)


def _shifted(random: np.random.Generator, box: Box) -> Box:
    right, down = random.normal(0, 0.12, size=2)
    moved = Box(box.left + right * box.width, box.top + down * box.height, box.width, box.height)
    return moved.clamped()


@pytest.fixture
def count_outcomes() -> Callable[[Iterable[bytes]], Counter[tuple[str, str]]]:
    """Reads a testing snapshot as a stranger would: (label, flag) -> how often."""

    def read(lines: Iterable[bytes]) -> Counter[tuple[str, str]]:
        counts: Counter[tuple[str, str]] = Counter()
        for line in lines:
            entry = json.loads(line)
            for label, details in _judged(entry):
                raised = [flag for flag in FLAGS if details[flag]]
                assert len(raised) == 1
                present = raised[0] in {"is-true-positive", "is-false-negative"}
                assert details["is-present-in-ground-truth"] is present
                counts[label, raised[0]] += 1
        return counts

    return read


FLAGS = ("is-true-positive", "is-true-negative", "is-false-positive", "is-false-negative")
_DETAILS = "rekognition-custom-labels-evaluation-details"


def _judged(entry: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    for key, metadata in entry.items():
        if not key.startswith("rekognition-custom-labels-evaluation") or "metadata" not in key:
            continue
        if "class-name" in metadata:
            yield metadata["class-name"], metadata[_DETAILS]
            continue
        annotations = entry[key.removesuffix("-metadata")]["annotations"]
        for annotation, judged in zip(annotations, metadata["objects"], strict=True):
            yield metadata["class-map"][str(annotation["class_id"])], judged[_DETAILS]
