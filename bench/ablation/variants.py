"""What each variant changes of the recipe, by replacing a part of the training code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

import torch
from torch import nn

from bench.ablation.assignments import centre_sampling, simota
from bench.ablation.box_losses import generalised_overlap_loss, overlap_loss
from lensmith.training import frames
from lensmith.training.augment import Jitter
from lensmith.training.backbone import BackboneName
from lensmith.training.recipe import DetectorRecipe, detector_recipe

NEVER = 2.0  # no share of found boxes reaches it: every variant does all its iterations


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing done otherwise than by default."""

    told: str
    recipe: Mapping[str, Any] = field(default_factory=dict)  # fields of DetectorRecipe
    parts: Mapping[str, Any] = field(default_factory=dict)  # names in lensmith.training
    whole_views: bool = False


@torch.no_grad()
def take_over(average: nn.Module, network: nn.Module, _: int) -> None:
    """In the place of `fit.follow`: no average, the latest network."""
    average.load_state_dict(network.state_dict())


def _upright(jitter: Jitter) -> Jitter:
    return replace(jitter, tilt=0.0)


def _not_recoloured(pixels: Any, *_: Any) -> Any:
    return pixels


VARIANTS: dict[str, Variant] = {
    "default": Variant("task-aligned, DIoU, average, start, views, tilt, half mosaics"),
    "centre": Variant("assignment: centre sampling", parts={"fit.assign": centre_sampling}),
    "simota": Variant("assignment: SimOTA", parts={"fit.assign": simota}),
    "giou": Variant(
        "box loss: GIoU", parts={"loss.distance_overlap_loss": generalised_overlap_loss}
    ),
    "iou": Variant("box loss: IoU", parts={"loss.distance_overlap_loss": overlap_loss}),
    "no_average": Variant("the last network, no average", parts={"fit.follow": take_over}),
    "no_start": Variant("pyramid and head at random", parts={"detector.START_BACKBONE": None}),
    "frozen_0": Variant("no stage frozen", {"frozen_stages": 0}),
    "frozen_5": Variant("five stages frozen", {"frozen_stages": 5}),
    "slow_backbone": Variant("backbone at a third of its rate", {"backbone_rate": 1e-4}),
    "fast_backbone": Variant("backbone at three times its rate", {"backbone_rate": 1e-3}),
    "no_mosaic": Variant("no mosaics", {"mosaic": 0.0}),
    "all_mosaic": Variant("mosaics only, until the rate falls", {"mosaic": 1.0}),
    "no_tilt": Variant(
        "no view tilted",
        parts={
            "frames.ALONE": _upright(frames.ALONE),
            "frames.IN_MOSAIC": _upright(frames.IN_MOSAIC),
        },
    ),
    "no_colour": Variant("colours as they are", parts={"frames.recoloured": _not_recoloured}),
    "whole": Variant("whole pictures instead of views", whole_views=True),
    "lite1": Variant(
        "Lite1 (which has no start)",
        {"backbone": BackboneName.LITE1},
        {"detector.START_BACKBONE": None},
    ),
    "lite2": Variant(
        "Lite2 (which has no start)",
        {"backbone": BackboneName.LITE2},
        {"detector.START_BACKBONE": None},
    ),
}


@contextmanager
def changed(variant: Variant, iterations: int) -> Iterator[None]:
    """Trainings within are the variant's, of so many iterations."""

    def recipe(*given: Any) -> DetectorRecipe:
        made = replace(detector_recipe(*given), iterations=iterations, learnt=NEVER)
        made = replace(made, view=made.frame) if variant.whole_views else made
        return replace(made, **variant.recipe)

    parts: dict[str, Callable[..., Any]] = {"detector.detector_recipe": recipe, **variant.parts}
    with ExitStack() as patches:
        for name, part in parts.items():
            patches.enter_context(patch(f"lensmith.training.{name}", part))
        yield
