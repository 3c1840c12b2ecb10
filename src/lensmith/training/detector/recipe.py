"""Recipes of detectors, chosen from the data before training starts.

Lengths are counted in iterations and never in seconds, so that a busy neighbour cannot change a
model; seconds only guard against a machine too slow for the plan.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

import torch

from lensmith.training.backbone import BackboneName
from lensmith.training.data.example import Example
from lensmith.training.data.input_size import multiple_of_32, shaped, usual_side
from lensmith.training.detector.size import detector_scale
from lensmith.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class DetectorRecipe:
    """A one-stage detector whose input size follows the pictures and their boxes.

    The learning rate rises for `warmup` iterations and holds until `iterations` less the decay is
    used up or the recall on training images reaches `stop_recall`. It then decays for
    `decay_fraction` of the iterations done so far: easy sets stop early and still decay.
    """

    input_size: tuple[int, int]  # width, height of the network input, multiples of 32
    view: tuple[int, int]  # of a training crop, at the same scale
    iterations: int  # at most
    guard_seconds: float  # that the whole training may take
    backbone: BackboneName = BackboneName.LITE0
    frozen_stages: int = 3  # the stem and this many stages keep their ImageNet weights
    batch: int = 4
    learning_rate: float = 2e-3
    backbone_learning_rate: float = 3e-4
    weight_decay: float = 0.02
    warmup: int = 40
    decay_fraction: float = 0.5
    stop_recall: float = 0.95  # smoothed recall on training images that starts the decay
    min_iterations: int = 200  # before `stop_recall` applies
    mosaic: float = 0.5  # fraction of images made of four pictures; 0 during the decay
    box_weight: float = 2.0

    @property
    def ending_seconds(self) -> float:
        """Expected seconds of the export and its check on one core, with some room."""
        width, height = self.input_size
        return EXPORT_SECONDS + EXPORT_SECONDS_A_MEGAPIXEL * width * height / 1e6


ITERATIONS_PER_PICTURE, MIN_ITERATIONS, MAX_ITERATIONS = 10, 600, 4000
GUARD_SECONDS = 1200.0
EXPORT_SECONDS, EXPORT_SECONDS_A_MEGAPIXEL = 1.0, 10.0  # measured: 2 at 0.2 megapixels, 8 at 1
MIN_INPUT_SIDE, MAX_INPUT_SIDE = 320, 1408  # side of a square of the input's area
DETAILED_INPUT_SIDE = 448  # where the pictures have as many pixels: labels may differ in details
MAX_ZOOM = 1.25  # of the pictures' own pixels
COMFORTABLE_PIXELS, MIN_PIXELS = 32.0, 16.0  # a label's typical box, and its small ones
MIN_VIEW = 320
ROOM_AROUND = 1.5  # side of a view relative to a large box
ROOM_ALONG, MAX_VIEW = 1.1, 640.0  # relative to the long boxes of a label; and its limit
WHOLE = 0.7  # fraction of the input from which the crop is the whole input


def detector_recipe(
    examples: Sequence[Example],
    picture_sizes: Sequence[tuple[int, int]],
    settings: TrainingSettings,
    device: torch.device | None = None,
) -> DetectorRecipe:
    """Choose the recipe; `picture_sizes` are those of the examples' upright pictures."""
    iterations = len(examples) * ITERATIONS_PER_PICTURE
    scale = detector_scale(settings, device)
    input_size = detector_input_size(examples, picture_sizes, scale.sharpness)
    return DetectorRecipe(
        input_size=input_size,
        view=detector_view(examples, input_size, scale.sharpness),
        iterations=min(max(iterations, MIN_ITERATIONS), MAX_ITERATIONS),
        guard_seconds=settings.budget_seconds or GUARD_SECONDS,
        backbone=scale.backbone,
        batch=scale.batch,
    )


def detector_input_size(
    examples: Sequence[Example],
    picture_sizes: Sequence[tuple[int, int]],
    sharpness: float = 1.0,
) -> tuple[int, int]:
    """Choose the pictures' usual shape, large enough for boxes to cover enough pixels.

    `sharpness` scales the sides, if the pictures have the pixels.
    """
    own = usual_side(picture_sizes)
    needed = sharpness * _frame_side(_box_sides(examples))
    for_boxes = min(needed, MAX_ZOOM * own, MAX_INPUT_SIDE)
    for_details = min(own, sharpness * DETAILED_INPUT_SIDE)
    return shaped(picture_sizes, max(for_boxes, for_details, MIN_INPUT_SIDE))


def detector_view(
    examples: Sequence[Example], input_size: tuple[int, int], sharpness: float = 1.0
) -> tuple[int, int]:
    """Choose the size of training crops: room around a large box, or the whole input.

    Long boxes must fit, also those of rare labels: an object that is always cropped in training is
    not detected whole at inference.
    """
    sides = [side for of_label in _box_sides(examples).values() for side in of_label]
    large = quantiles(sides, n=10)[8] if len(sides) > 1 else 1.0
    wanted = max(
        ROOM_AROUND * large * math.sqrt(input_size[0] * input_size[1]),
        min(ROOM_ALONG * _long_box(examples, input_size), MAX_VIEW),
        sharpness * MIN_VIEW,
    )
    view = min(multiple_of_32(wanted), input_size[0]), min(multiple_of_32(wanted), input_size[1])
    return input_size if view[0] * view[1] > WHOLE * input_size[0] * input_size[1] else view


def _box_sides(examples: Sequence[Example]) -> dict[int, list[float]]:
    """Label -> root of each box's area, as a fraction of the picture."""
    sides: dict[int, list[float]] = defaultdict(list)
    for example in examples:
        for label, box in example.boxes:
            sides[label].append(math.sqrt(box.width * box.height))
    return sides


def _long_box(examples: Sequence[Example], input_size: tuple[int, int]) -> float:
    """Measure a long box (ninth decile), in pixels, of the label with the longest boxes."""
    lengths: dict[int, list[float]] = defaultdict(list)
    for example in examples:
        for label, box in example.boxes:
            lengths[label].append(max(box.width * input_size[0], box.height * input_size[1]))
    return max((_ninth_decile(of_label) for of_label in lengths.values()), default=0.0)


def _ninth_decile(values: Sequence[float]) -> float:
    return quantiles(values, n=10, method="inclusive")[8] if len(values) > 1 else values[0]


def _frame_side(sides: dict[int, list[float]]) -> float:
    wanted = float(MIN_INPUT_SIDE)
    for label_sides in sides.values():
        wanted = max(wanted, COMFORTABLE_PIXELS / max(median(label_sides), 1e-3))
        if len(label_sides) >= 10:
            wanted = max(wanted, MIN_PIXELS / max(quantiles(label_sides, n=10)[0], 1e-3))
    return wanted
