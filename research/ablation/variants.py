"""What each variant changes of the recipe; a few also replace a part of the training code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

import torch
from torch import nn

from lensmith.domain.detector_size import DetectorSize
from lensmith.inference.preprocess import Size
from lensmith.training import optimisation
from lensmith.training.backbone import BackboneName
from lensmith.training.data.augment import Jitter
from lensmith.training.data.example import Example
from lensmith.training.detector import batches as frames
from lensmith.training.detector.recipe import DetectorRecipe, detector_recipe
from lensmith.training.settings import TrainingSettings
from research.ablation.adapted_recipes import (
    Adapt,
    batches_larger,
    frames_scaled,
    unchanged,
    whole_pictures,
    with_fields,
)
from research.ablation.assignments import centre_sampling, simota
from research.ablation.box_losses import generalised_overlap_loss, overlap_loss
from research.ablation.degraded import DegradedFrames
from research.ablation.forgiving import forgiving_varifocal_loss
from research.ablation.lost_labels import LosingFrames
from research.ablation.pasting import PastingFrames
from research.ablation.schedules import CosineThroughout
from research.ablation.side_distributions import (
    SpreadDetector,
    load_start_but_sides,
    loss_with_distributions,
)

NEVER = 2.0  # no share of found boxes reaches it: every variant does all its iterations


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing done otherwise than by default."""

    description: str
    adapt: Adapt = unchanged  # of the recipe
    parts: Mapping[str, Any] = field(default_factory=dict)  # names in lensmith.training
    detector_size: DetectorSize | None = None


@torch.no_grad()
def take_over(average: nn.Module, network: nn.Module, *_: object) -> None:
    """In the place of `optimisation.update_ema`: no average, the latest network."""
    average.load_state_dict(network.state_dict())


def _in_views(change: Callable[[Jitter], Jitter]) -> dict[str, Jitter]:
    return {
        "detector.batches.SINGLE_JITTER": change(frames.SINGLE_JITTER),
        "detector.batches.MOSAIC_JITTER": change(frames.MOSAIC_JITTER),
    }


def _upright(jitter: Jitter) -> Jitter:
    return replace(jitter, tilt=0.0)


def _at_middle_zoom(jitter: Jitter) -> Jitter:
    least, largest = jitter.zoom
    return replace(jitter, zoom=((least * largest) ** 0.5,) * 2)


def _as_it_is(given: Any, *_: Any) -> Any:
    return given


VARIANTS: dict[str, Variant] = {
    "default": Variant("task-aligned, DIoU, average, start, views, tilt, half mosaics"),
    "centre": Variant(
        "assignment: centre sampling", parts={"detector.fit.assign": centre_sampling}
    ),
    "simota": Variant("assignment: SimOTA", parts={"detector.fit.assign": simota}),
    "giou": Variant("box loss: GIoU", parts={"detector.loss.diou_loss": generalised_overlap_loss}),
    "iou": Variant("box loss: IoU", parts={"detector.loss.diou_loss": overlap_loss}),
    "focal_distribution": Variant(
        "box sides as distributions (the start but for their layer)",
        parts={
            "detector.train.Detector": SpreadDetector,
            "detector.train.load_start": load_start_but_sides,
            "detector.fit.detection_loss": loss_with_distributions,
        },
    ),
    "box_weight_1": Variant("box loss weighs half", with_fields(box_weight=1.0)),
    "box_weight_4": Variant("box loss weighs double", with_fields(box_weight=4.0)),
    "no_average": Variant(
        "the last network, no average", parts={"optimisation.update_ema": take_over}
    ),
    "no_start": Variant("pyramid and head at random", parts={"detector.train.START_FILES": {}}),
    "frozen_0": Variant("no stage frozen", with_fields(frozen_stages=0)),
    "frozen_1": Variant("one stage frozen", with_fields(frozen_stages=1)),
    "frozen_2": Variant("two stages frozen", with_fields(frozen_stages=2)),
    "frozen_5": Variant("five stages frozen", with_fields(frozen_stages=5)),
    "slow_backbone": Variant(
        "backbone at a third of its rate", with_fields(backbone_learning_rate=1e-4)
    ),
    "fast_backbone": Variant(
        "backbone at three times its rate", with_fields(backbone_learning_rate=1e-3)
    ),
    "no_mosaic": Variant("no mosaics", with_fields(mosaic=0.0)),
    "all_mosaic": Variant("mosaics only, until the rate falls", with_fields(mosaic=1.0)),
    "no_tilt": Variant("no view tilted", parts=_in_views(_upright)),
    "no_zoom": Variant("no scale jitter", parts=_in_views(_at_middle_zoom)),
    "no_mirror": Variant("no frame mirrored", parts={"data.augment.Scene.mirrored": _as_it_is}),
    "no_colour": Variant("colours as they are", parts={"detector.batches.recoloured": _as_it_is}),
    "copy_paste": Variant(
        "things of other pictures pasted into half of the frames, while there are mosaics",
        parts={"detector.train.DetectionBatches": PastingFrames},
    ),
    "degraded": Variant(
        "views recompressed, scaled, blurred and relit",
        parts={"detector.train.DetectionBatches": DegradedFrames},
    ),
    "forgiving": Variant(
        "surely found background costs little",
        parts={"detector.loss.varifocal_loss": forgiving_varifocal_loss},
    ),
    "lost_labels": Variant(
        "a third of the boxes is not known", parts={"detector.train.DetectionBatches": LosingFrames}
    ),
    "lost_forgiving": Variant(
        "a third not known, surely found background costs little",
        parts={
            "detector.train.DetectionBatches": LosingFrames,
            "detector.loss.varifocal_loss": forgiving_varifocal_loss,
        },
    ),
    "whole": Variant("whole pictures instead of views", whole_pictures),
    "frame_small": Variant("frames and views of 0.75 of the side", frames_scaled(0.75)),
    "frame_large": Variant("frames and views of 1.33 of the side", frames_scaled(4 / 3)),
    "cosine": Variant(
        "the rate falls all the time, none holds", parts={"detector.fit.Schedule": CosineThroughout}
    ),
    "late_cooling": Variant(
        "the last fifth cools, not the last third", with_fields(decay_fraction=0.25)
    ),
    "batch_8": Variant(
        "batches of 8, half the iterations, rates by the root of 2",
        batches_larger(2),
        {"optimisation.EMA_ITERATIONS": optimisation.EMA_ITERATIONS // 2},
    ),
    "lite1": Variant(
        "Lite1 (which has no start)",
        with_fields(backbone=BackboneName.LITE1),
        {"detector.train.START_FILES": {}},
    ),
    "lite2": Variant("Lite2", with_fields(backbone=BackboneName.LITE2)),
    "lite2_no_start": Variant(
        "Lite2, pyramid and head at random",
        with_fields(backbone=BackboneName.LITE2),
        {"detector.train.START_FILES": {}},
    ),
    "large": Variant(
        "a large detector, as on a GPU (Lite2, frames of 1.33 of the side, batches of 8)",
        detector_size=DetectorSize.LARGE,
    ),
}


def recipe_of(
    variant: Variant,
    examples: Sequence[Example],
    sizes: Sequence[Size],
    settings: TrainingSettings,
    iterations: int,
) -> DetectorRecipe:
    """The variant's recipe, of so many iterations or as many pictures."""
    settings = replace(settings, detector_size=variant.detector_size or settings.detector_size)
    made = detector_recipe(examples, sizes, settings)
    return variant.adapt(replace(made, iterations=iterations, stop_recall=NEVER))


@contextmanager
def changed(variant: Variant) -> Iterator[None]:
    """Trainings within use the variant's parts of the training code."""
    with ExitStack() as patches:
        for name, part in variant.parts.items():
            patches.enter_context(patch(f"lensmith.training.{name}", part))
        yield
