"""Training a detector of logos from pictures that show nothing else (manifests.md 4.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from numpy.random import default_rng

from lensmith.domain.job import Progress
from lensmith.inference.artefact import Artefact, Task
from lensmith.training.backbone import load_backbone
from lensmith.training.box_judgement import BoxJudgement
from lensmith.training.brand_frames import BrandFrames
from lensmith.training.brand_judgement import SceneJudge
from lensmith.training.detector import LETTERBOX, level_priors
from lensmith.training.detector_network import Detector
from lensmith.training.detector_start import load_start
from lensmith.training.example import Example
from lensmith.training.export import export_model, versions
from lensmith.training.fit import Fitted, fit
from lensmith.training.pictures import use_threads
from lensmith.training.recipe import DetectorRecipe
from lensmith.training.served_detector import ServedDetector
from lensmith.training.settings import TrainingSettings

VIEW, FRAME = 256, 512  # sides; marks have the same sizes in pixels in both
ITERATIONS, ITERATIONS_A_LABEL, MOST_ITERATIONS = 800, 50, 3000
GUARD_SECONDS = 1200.0
NEVER_LEARNT = 2.0  # no two frames are alike, and the last are the hardest
SAMPLES = 2  # frames on which the exported model is checked


def train_brand_detector(
    examples: Sequence[Example],
    labels: Sequence[str],
    directory: Path,
    settings: TrainingSettings,
    report: Callable[[Progress], None],
) -> None:
    """Train on scenes made around the examples, which have labels and no boxes.

    Scenes that training has not seen say what scores mean. Thresholds are 0.5 until the evaluation
    sets them. The same seed gives the same model unless the budget cuts it short. Raises
    ExportError.
    """
    use_threads(settings.threads)
    torch.manual_seed(settings.seed)
    recipe = brand_recipe(len(labels), settings)
    report(Progress("planning", budget_seconds=recipe.guard_seconds))
    chance = default_rng(settings.seed)
    frames = BrandFrames(examples, recipe.view, recipe.iterations * recipe.batch, chance)
    artefact = _description(labels, recipe)
    judge = SceneJudge(frames, artefact, default_rng([settings.seed, 1]))
    fitted = fit(brand_network(len(labels), recipe), frames, recipe, report, judge)
    served = ServedDetector(fitted.network.cpu(), recipe.frame, judge.calibration)
    samples = judge.samples(SAMPLES)
    told = _report(settings, recipe, fitted, judge.judgement)
    export_model(served, ["boxes", "scores"], replace(artefact, report=told), directory, samples)


def brand_recipe(labels: int, settings: TrainingSettings) -> DetectorRecipe:
    """Scenes cost nothing, so the length grows with the labels and not with the pictures."""
    return DetectorRecipe(
        frame=(FRAME, FRAME),
        view=(VIEW, VIEW),
        iterations=min(ITERATIONS + ITERATIONS_A_LABEL * labels, MOST_ITERATIONS),
        guard_seconds=settings.budget_seconds or GUARD_SECONDS,
        learnt=NEVER_LEARNT,
        mosaic=0.0,
    )


def brand_network(labels: int, recipe: DetectorRecipe) -> Detector:
    """A detector that already finds things, for marks of every size."""
    network = Detector(load_backbone(recipe.backbone), labels, level_priors([], [], recipe.frame))
    load_start(network)
    network.freeze(recipe.frozen_stages)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _description(labels: Sequence[str], recipe: DetectorRecipe) -> Artefact:
    return Artefact(
        task=Task.DETECTION,
        labels=tuple(labels),
        thresholds=(0.5,) * len(labels),
        input_size=recipe.frame,
        preprocessing=LETTERBOX,
        versions=versions(),
    )


def _report(
    settings: TrainingSettings,
    recipe: DetectorRecipe,
    fitted: Fitted,
    judgement: BoxJudgement | None,
) -> dict[str, Any]:
    """How training went, for the artefact."""
    told = {
        "seed": settings.seed,
        "recipe": asdict(recipe),
        "brand": True,
        "iterations": fitted.iterations,
        "stopped": fitted.stopped,
        "loss": fitted.loss,
        "found": fitted.found,
    }
    if judgement is None:
        return told
    scenes = {"scenes": judgement.pictures, "average_precision": judgement.average_precision}
    return told | {"synthetic": scenes, "calibration": asdict(judgement.calibration)}
