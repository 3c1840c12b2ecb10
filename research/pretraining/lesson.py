"""Training of the pyramid and the head on scenes, on a backbone that stays as it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from lensmith.domain.job import Progress
from lensmith.training.backbone import BackboneName, load_backbone
from lensmith.training.budget import TimeBudget
from lensmith.training.detector.batches import DetectionBatchSource
from lensmith.training.detector.fit import fit
from lensmith.training.detector.network import STRIDES, Detector
from lensmith.training.detector.recipe import DetectorRecipe

USUAL_CELLS = 5.0  # a side of the boxes that a level is meant for
NEVER = 2.0  # no share of found boxes reaches it: all iterations are done


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learnt on: a backbone that stays as it is, `iterations` batches of square frames."""

    backbone: BackboneName
    side: int  # pixels
    labels: int
    iterations: int


def taught(
    lesson: Lesson, frames: DetectionBatchSource, report: Callable[[Progress], None]
) -> Detector:
    """A detector that has learnt from frames of the lesson's side."""
    recipe = _recipe(lesson)
    unlimited = TimeBudget.from_now(recipe.guard_seconds)
    fitted = fit(_network(lesson), frames, recipe, unlimited, report)
    return fitted.network.cpu()


def _network(lesson: Lesson) -> Detector:
    priors = torch.tensor([[USUAL_CELLS * stride / 2] * 2 for stride in STRIDES])
    network = Detector(load_backbone(lesson.backbone), lesson.labels, priors)
    network.freeze(len(network.backbone.stages))
    network.backbone.requires_grad_(requires_grad=False)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _recipe(lesson: Lesson) -> DetectorRecipe:
    side = lesson.side
    return DetectorRecipe(
        input_size=(side, side),
        view=(side, side),
        iterations=lesson.iterations,
        guard_seconds=math.inf,
        backbone=lesson.backbone,
        batch=6,
        decay_fraction=0.6,
        stop_recall=NEVER,
        mosaic=0.0,
    )
