"""Training of the pyramid and the head on scenes, on a backbone that stays as it is."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from lensmith.domain.job import Progress
from lensmith.training.backbone import load_backbone
from lensmith.training.budget import TimeBudget
from lensmith.training.detector_network import STRIDES, Detector
from lensmith.training.detector_start import START_BACKBONE
from lensmith.training.fit import fit
from lensmith.training.frames import BoxedFrames
from lensmith.training.recipe import DetectorRecipe

USUAL_CELLS = 5.0  # a side of the boxes that a level is meant for
NEVER = 2.0  # no share of found boxes reaches it: all iterations are done


def taught(
    frames: BoxedFrames, side: int, labels: int, iterations: int, report: Callable[[Progress], None]
) -> Detector:
    """A detector that has seen `iterations` batches of frames of `side` pixels a side."""
    recipe = _recipe(side, iterations)
    unlimited = TimeBudget.from_now(recipe.guard_seconds)
    fitted = fit(_network(labels), frames, recipe, unlimited, report)
    return fitted.network.cpu()


def _network(labels: int) -> Detector:
    priors = torch.tensor([[USUAL_CELLS * stride / 2] * 2 for stride in STRIDES])
    network = Detector(load_backbone(START_BACKBONE), labels, priors)
    network.freeze(len(network.backbone.stages))
    network.backbone.requires_grad_(requires_grad=False)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _recipe(side: int, iterations: int) -> DetectorRecipe:
    return DetectorRecipe(
        frame=(side, side),
        view=(side, side),
        iterations=iterations,
        guard_seconds=math.inf,
        backbone=START_BACKBONE,
        batch=6,
        cooling=0.6,
        learnt=NEVER,
        mosaic=0.0,
    )
