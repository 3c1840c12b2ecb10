"""What a training does, decided from the data before it starts.

Lengths are counted in iterations and never in seconds, so that a busy neighbour cannot change a
model; seconds only guard against a machine too slow for the plan.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from lensmith.training.backbone import BackboneName
from lensmith.training.classifier.linear_head import HeadKind, HeadRecipe
from lensmith.training.data.example import Example
from lensmith.training.detector.size import detector_scale
from lensmith.training.settings import TrainingSettings

HEADS = (
    HeadRecipe(HeadKind.PROTOTYPES),
    *(HeadRecipe(HeadKind.REGRESSION, strength) for strength in (1.0, 3.0, 10.0, 30.0, 100.0)),
    HeadRecipe(HeadKind.REGRESSION, 1000.0),
)

FINE_TUNING_BATCH = 8


@dataclass(frozen=True, slots=True)
class ClassifierRecipe:
    """Frozen features of each candidate backbone, several views a picture, one linear head."""

    candidates: tuple[BackboneName, ...]
    views: int  # of each picture; the first is the picture as serving will see it
    folds: int = 4
    heads: tuple[HeadRecipe, ...] = HEADS  # from the plainest to the most adaptable

    @property
    def spared(self) -> tuple[BackboneName, ...]:
        """Bundled backbones that are no candidates, the strongest first."""
        return tuple(name for name in reversed(BackboneName) if name not in self.candidates)


@dataclass(frozen=True, slots=True)
class FineTuningRecipe:
    """A backbone that learns on whole pictures; first without the held-out ones, then on all."""

    frame: tuple[int, int]  # width, height of the network input, multiples of 32
    iterations: int  # without the held-out pictures, to be judged on them
    more_iterations: int  # on all pictures, when it was judged to be better
    backbone: BackboneName = BackboneName.LITE0
    frozen_stages: int | None = 3  # they and the stem keep ImageNet's weights; None: all learns
    batch: int = FINE_TUNING_BATCH
    rate: float = 1e-3
    backbone_rate: float = 5e-4
    weight_decay: float = 0.02
    warmup: int = 30
    collage: float = 0.7  # share of frames that join pictures, where labels can be joined

    @property
    def is_full(self) -> bool:
        """Whether every layer learns."""
        return self.frozen_stages is None


@dataclass(frozen=True, slots=True)
class DetectorRecipe:
    """A one-stage detector on a frame chosen from the pictures and their boxes.

    The rate rises for `warmup` iterations, holds until `iterations` less the cooling part is
    used up or the training frames are `learnt`, and then falls for `cooling` of the iterations
    done so far. Easy sets stop early that way and still get their slow end.
    """

    frame: tuple[int, int]  # width, height of the network input, multiples of 32
    view: tuple[int, int]  # of a training frame, which shows a part at the same scale
    iterations: int  # at most
    guard_seconds: float  # that the whole training may take
    backbone: BackboneName = BackboneName.LITE0
    frozen_stages: int = 3  # the stem and this many stages keep their ImageNet weights
    batch: int = 4
    rate: float = 2e-3
    backbone_rate: float = 3e-4
    weight_decay: float = 0.02
    warmup: int = 40
    cooling: float = 0.5
    learnt: float = 0.95  # share of the boxes in training frames that are found, smoothed
    least_iterations: int = 200  # before `learnt` counts
    mosaic: float = 0.5  # share of frames made of four pictures; none while cooling
    box_weight: float = 2.0

    @property
    def ending_seconds(self) -> float:
        """That the export and its check should take on one core, with some room."""
        width, height = self.frame
        return EXPORT_SECONDS + EXPORT_SECONDS_A_MEGAPIXEL * width * height / 1e6


CLASSIFIER_VIEWS = 8
CLASSIFIER_FORWARDS = 3000  # pictures through one backbone, about a minute on two cores
FINE_TUNING_PASSES, MORE_SHARE = 22, 1 / 3  # over all pictures; more of that with the held-out
FEWEST_STEPS, MAX_STEPS = 250, 2500
FINE_TUNING_SIDES = (224.0, 320.0)  # least and largest side of a square of the frame's area
LARGE_BACKBONE_PICTURES = 600  # beyond this the second, slower backbone is not tried

ITERATIONS_PER_PICTURE, FEWEST_ITERATIONS, MOST_ITERATIONS = 10, 600, 4000
GUARD_SECONDS = 1200.0
EXPORT_SECONDS, EXPORT_SECONDS_A_MEGAPIXEL = 1.0, 10.0  # measured: 2 at 0.2 megapixels, 8 at 1
SMALLEST_FRAME, LARGEST_FRAME = 320, 1408  # side of a square of the frame's area
DETAILED_FRAME = 448  # where the pictures have as many pixels: labels may differ in details
LARGEST_ZOOM = 1.25  # of the pictures' own pixels in the frame
COMFORTABLE_PIXELS, LEAST_PIXELS = 32.0, 16.0  # a label's typical box, and its small ones
SMALLEST_VIEW = 320
ROOM_AROUND = 1.5  # side of a view relative to a large box
ROOM_ALONG, LONGEST_VIEW = 1.1, 640.0  # relative to the long boxes of a label; and its limit
WHOLE = 0.7  # share of the frame beyond which a view is the whole frame


def classifier_recipe(examples: Sequence[Example]) -> ClassifierRecipe:
    """Few pictures can afford two backbones and many views; many pictures need neither."""
    return ClassifierRecipe(
        candidates=(
            (BackboneName.LITE0, BackboneName.LITE2)
            if len(examples) <= LARGE_BACKBONE_PICTURES
            else (BackboneName.LITE0,)
        ),
        views=min(max(CLASSIFIER_FORWARDS // len(examples), 1), CLASSIFIER_VIEWS),
    )


def fine_tuning_recipe(picture_sizes: Sequence[tuple[int, int]]) -> FineTuningRecipe:
    """`picture_sizes` are width and height of the upright pictures."""
    side = _usual_side(picture_sizes)
    passes = FINE_TUNING_PASSES * len(picture_sizes)
    iterations = min(max(math.ceil(passes / FINE_TUNING_BATCH), FEWEST_STEPS), MAX_STEPS)
    return FineTuningRecipe(
        frame=_shaped(picture_sizes, min(max(side, FINE_TUNING_SIDES[0]), FINE_TUNING_SIDES[1])),
        iterations=iterations,
        more_iterations=round(MORE_SHARE * iterations),
    )


def detector_recipe(
    examples: Sequence[Example],
    picture_sizes: Sequence[tuple[int, int]],
    settings: TrainingSettings,
) -> DetectorRecipe:
    """`picture_sizes` are width and height of the upright pictures, in the examples' order."""
    iterations = len(examples) * ITERATIONS_PER_PICTURE
    scale = detector_scale(settings)
    frame = detector_frame(examples, picture_sizes, scale.sharpness)
    return DetectorRecipe(
        frame=frame,
        view=detector_view(examples, frame, scale.sharpness),
        iterations=min(max(iterations, FEWEST_ITERATIONS), MOST_ITERATIONS),
        guard_seconds=settings.budget_seconds or GUARD_SECONDS,
        backbone=scale.backbone,
        batch=scale.batch,
    )


def detector_frame(
    examples: Sequence[Example],
    picture_sizes: Sequence[tuple[int, int]],
    sharpness: float = 1.0,
) -> tuple[int, int]:
    """The pictures' usual shape, large enough for the boxes to cover enough pixels.

    `sharpness` asks for frames of longer sides, where the pictures have the pixels.
    """
    own = _usual_side(picture_sizes)
    needed = sharpness * _frame_side(_box_sides(examples))
    for_boxes = min(needed, LARGEST_ZOOM * own, LARGEST_FRAME)
    for_details = min(own, sharpness * DETAILED_FRAME)
    return _shaped(picture_sizes, max(for_boxes, for_details, SMALLEST_FRAME))


def detector_view(
    examples: Sequence[Example], frame: tuple[int, int], sharpness: float = 1.0
) -> tuple[int, int]:
    """The part of a frame that training looks at: room around a large box, or all of it.

    Long boxes must fit, those of a label with few boxes, too: what never is in a view as a whole is
    not found as a whole later.
    """
    sides = [side for of_label in _box_sides(examples).values() for side in of_label]
    large = quantiles(sides, n=10)[8] if len(sides) > 1 else 1.0
    wanted = max(
        ROOM_AROUND * large * math.sqrt(frame[0] * frame[1]),
        min(ROOM_ALONG * _long_box(examples, frame), LONGEST_VIEW),
        sharpness * SMALLEST_VIEW,
    )
    view = min(_multiple_of_32(wanted), frame[0]), min(_multiple_of_32(wanted), frame[1])
    return frame if view[0] * view[1] > WHOLE * frame[0] * frame[1] else view


def _usual_side(picture_sizes: Sequence[tuple[int, int]]) -> float:
    return median(math.sqrt(width * height) for width, height in picture_sizes)


def _shaped(picture_sizes: Sequence[tuple[int, int]], side: float) -> tuple[int, int]:
    """A frame of about `side` squared pixels in the pictures' usual shape."""
    aspect = median(width / height for width, height in picture_sizes)
    aspect = min(max(aspect, 0.5), 2.0)
    return _multiple_of_32(side * math.sqrt(aspect)), _multiple_of_32(side / math.sqrt(aspect))


def _box_sides(examples: Sequence[Example]) -> dict[int, list[float]]:
    """Label -> root of each box's area, as a fraction of the picture."""
    sides: dict[int, list[float]] = defaultdict(list)
    for example in examples:
        for label, box in example.boxes:
            sides[label].append(math.sqrt(box.width * box.height))
    return sides


def _long_box(examples: Sequence[Example], frame: tuple[int, int]) -> float:
    """Pixels of the frame that a long box of the label with the longest ones has."""
    lengths: dict[int, list[float]] = defaultdict(list)
    for example in examples:
        for label, box in example.boxes:
            lengths[label].append(max(box.width * frame[0], box.height * frame[1]))
    return max((_ninth_decile(of_label) for of_label in lengths.values()), default=0.0)


def _ninth_decile(values: Sequence[float]) -> float:
    return quantiles(values, n=10, method="inclusive")[8] if len(values) > 1 else values[0]


def _frame_side(sides: dict[int, list[float]]) -> float:
    wanted = float(SMALLEST_FRAME)
    for label_sides in sides.values():
        wanted = max(wanted, COMFORTABLE_PIXELS / max(median(label_sides), 1e-3))
        if len(label_sides) >= 10:
            wanted = max(wanted, LEAST_PIXELS / max(quantiles(label_sides, n=10)[0], 1e-3))
    return wanted


def _multiple_of_32(side: float) -> int:
    return max(round(side / 32), 2) * 32
