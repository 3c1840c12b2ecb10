"""Describes a detector for its model.json."""

from __future__ import annotations

from collections.abc import Sequence

from lensmith.domain.training_report import (
    Calibration,
    DetectorTraining,
    HeldOut,
    Recipe,
    TrainingReport,
)
from lensmith.inference.artefact import Artefact, Preprocessing, Resize, Task
from lensmith.inference.resample import resampler_here
from lensmith.training.data.augment import PAD_VALUE
from lensmith.training.detector.fit import Fitted
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector.validation import BoxValidation
from lensmith.training.export import versions
from lensmith.training.settings import TrainingSettings

LETTERBOX = Preprocessing(Resize.LETTERBOX, fill=PAD_VALUE, resampler=resampler_here())


def detector_artefact(labels: Sequence[str], recipe: DetectorRecipe) -> Artefact:
    """Describe the artefact, without a report; thresholds are 0.5 until evaluation sets them."""
    return Artefact(
        task=Task.DETECTION,
        labels=tuple(labels),
        thresholds=(0.5,) * len(labels),
        input_size=recipe.input_size,
        preprocessing=LETTERBOX,
        versions=versions(),
    )


def training_report(
    settings: TrainingSettings,
    recipe: DetectorRecipe,
    fitted: Fitted,
    validation: BoxValidation | None,
    *,
    logos: bool = False,
) -> TrainingReport:
    """Build the report of the training."""
    return TrainingReport(
        seed=settings.seed,
        device=fitted.device.type,
        budget_seconds=recipe.guard_seconds,
        detector=DetectorTraining(
            Recipe(recipe.input_size, recipe.iterations, recipe.batch, recipe.backbone.value),
            fitted.iterations,
            fitted.loss,
            fitted.ending,
            recall=fitted.recall,
            held_out=held_out_result(validation),
            calibration=calibration_of(validation),
            logos=logos,
            cut=fitted.cut,
        ),
    )


def held_out_result(validation: BoxValidation | None) -> HeldOut | None:
    """Build the result on held-out pictures; None without any."""
    if validation is None:
        return None
    return HeldOut(validation.pictures, validation.average_precision)


def calibration_of(validation: BoxValidation | None) -> Calibration | None:
    """Build the calibration from held-out pictures; None without any."""
    if validation is None:
        return None
    return Calibration(validation.calibration.slope, validation.calibration.offset)
