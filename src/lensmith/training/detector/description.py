"""What goes into the model.json of a detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lensmith.inference.artefact import Artefact, Preprocessing, Resize, Task
from lensmith.training.data.augment import GREY
from lensmith.training.detector.fit import Fitted
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector.validation import BoxJudgement
from lensmith.training.device import compute_device
from lensmith.training.export import versions
from lensmith.training.settings import TrainingSettings

LETTERBOX = Preprocessing(Resize.LETTERBOX, fill=GREY)


def detector_artefact(labels: Sequence[str], recipe: DetectorRecipe) -> Artefact:
    """Without a report yet; thresholds are 0.5 until the evaluation sets them."""
    return Artefact(
        task=Task.DETECTION,
        labels=tuple(labels),
        thresholds=(0.5,) * len(labels),
        input_size=recipe.frame,
        preprocessing=LETTERBOX,
        versions=versions(),
    )


def training_report(
    settings: TrainingSettings,
    recipe: DetectorRecipe,
    fitted: Fitted,
    judgement: BoxJudgement | None,
) -> dict[str, Any]:
    """How training went."""
    return {
        "seed": settings.seed,
        "device": compute_device().type,
        "recipe": asdict(recipe),
        "iterations": fitted.iterations,
        "stopped": fitted.stopped,
        "loss": fitted.loss,
        "found": fitted.found,
        **judged(judgement),
    }


def judged(judgement: BoxJudgement | None) -> dict[str, Any]:
    """What held-out pictures say of a detector, where there were any."""
    if judgement is None:
        return {}
    held_out = {
        "pictures": judgement.pictures,
        "average_precision": judgement.average_precision,
    }
    return {"held_out": held_out, "calibration": asdict(judgement.calibration)}
