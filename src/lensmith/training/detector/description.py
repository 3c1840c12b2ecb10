"""Describes a detector for its model.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lensmith.inference.artefact import Artefact, Preprocessing, Resize, Task
from lensmith.training.data.augment import PAD_VALUE
from lensmith.training.detector.fit import Fitted
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector.validation import BoxValidation
from lensmith.training.device import compute_device
from lensmith.training.export import versions
from lensmith.training.settings import TrainingSettings

LETTERBOX = Preprocessing(Resize.LETTERBOX, fill=PAD_VALUE)


def detector_artefact(labels: Sequence[str], recipe: DetectorRecipe) -> Artefact:
    """Without a report yet; thresholds are 0.5 until the evaluation sets them."""
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
) -> dict[str, Any]:
    """Facts about the training, for the report."""
    return {
        "seed": settings.seed,
        "device": compute_device().type,
        "recipe": asdict(recipe) | {"frame": recipe.input_size},
        "iterations": fitted.iterations,
        "stopped": fitted.stopped,
        "loss": fitted.loss,
        "found": fitted.recall,
        **validation_report(validation),
    }


def validation_report(validation: BoxValidation | None) -> dict[str, Any]:
    """Result on held-out pictures, and the calibration from them; empty without any."""
    if validation is None:
        return {}
    held_out = {
        "pictures": validation.pictures,
        "average_precision": validation.average_precision,
    }
    return {"held_out": held_out, "calibration": asdict(validation.calibration)}
