"""Training pictures in which not everything is labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from numpy.random import Generator, default_rng

from lensmith.inference.preprocess import Size
from lensmith.training.data.example import Example
from lensmith.training.detector.batches import DetectionBatches

LOST = Fraction(1, 3)  # of all boxes; held-out pictures, which say what scores mean, keep theirs


class LosingFrames(DetectionBatches):
    """A third of the boxes is not known, the things themselves are seen as before."""

    def __init__(
        self, examples: Sequence[Example], input_size: Size, view: Size, rng: Generator
    ) -> None:
        super().__init__(without_some_boxes(examples), input_size, view, rng)


def without_some_boxes(examples: Sequence[Example]) -> list[Example]:
    boxes = sum(len(example.boxes) for example in examples)
    lost = set(default_rng(0).permutation(boxes)[: round(LOST * boxes)].tolist())
    numbers = iter(range(boxes))
    return [
        replace(example, boxes=tuple(box for box in example.boxes if next(numbers) not in lost))
        for example in examples
    ]
