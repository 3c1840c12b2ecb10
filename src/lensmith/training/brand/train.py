"""Trains a detector of logos from pictures that show nothing else (manifests.md 4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from numpy.random import default_rng

from lensmith.domain.job import OnProgress, Progress
from lensmith.domain.training_phase import TrainingPhase
from lensmith.training.brand.batches import LogoBatches
from lensmith.training.brand.recipe import USUAL_SCENE, SceneRecipe
from lensmith.training.brand.validation import SceneValidator
from lensmith.training.budget import TimeBudget
from lensmith.training.data.example import Example
from lensmith.training.data.pictures import use_threads
from lensmith.training.detector.description import detector_artefact, training_report
from lensmith.training.detector.fit import fit
from lensmith.training.detector.network import Detector
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector.size import detector_scale
from lensmith.training.detector.train import level_priors, started
from lensmith.training.device import Machine, this_machine
from lensmith.training.export import export_model
from lensmith.training.settings import TrainingSettings

VIEW, INPUT_SIDE = (
    256,
    512,
)  # sides; logos have the same sizes in views and in the image or half of it
ITERATIONS, ITERATIONS_A_LABEL, MAX_ITERATIONS = 800, 50, 3000
GUARD_SECONDS = 1200.0
NEVER_STOP = 2.0  # no two images are alike, and the last are the hardest
SAMPLES = 2  # images on which the exported model is checked


def train_brand_detector(
    examples: Sequence[Example],
    labels: Sequence[str],
    directory: Path,
    settings: TrainingSettings,
    on_progress: OnProgress,
    *,
    recipe: DetectorRecipe | None = None,
    scenes: SceneRecipe = USUAL_SCENE,
    machine: Machine | None = None,
) -> None:
    """Train on scenes made around the examples, which have labels and no boxes.

    Scenes apart from those of the training calibrate the scores. Thresholds are 0.5 until the
    evaluation sets them. The same seed gives the same model unless the budget cuts it short.
    Without a `recipe` the one for as many labels is taken. Raises ExportError.
    """
    machine = machine or this_machine()
    began = machine.clock()
    use_threads(settings.threads)
    torch.manual_seed(settings.seed)
    recipe = recipe or brand_recipe(len(labels), settings, machine.device)
    on_progress(Progress(TrainingPhase.PLANNING, budget_seconds=recipe.guard_seconds))
    rng = default_rng(settings.seed)
    batches = LogoBatches(examples, recipe.view, recipe.iterations * recipe.batch, rng, scenes)
    artefact = detector_artefact(labels, recipe)
    validator = SceneValidator(batches, artefact, default_rng([settings.seed, 1]))
    budget = TimeBudget(recipe.guard_seconds, began, machine.clock).keeping(recipe.ending_seconds)
    fitted = fit(
        brand_network(len(labels), recipe),
        batches,
        recipe,
        budget,
        on_progress,
        validator,
        machine,
    )
    served = validator.served(fitted.network.cpu())
    samples = validator.samples(SAMPLES)
    training_log = training_report(settings, recipe, fitted, validator.validation, logos=True)
    export_model(
        served, ["boxes", "scores"], replace(artefact, report=training_log), directory, samples
    )


def brand_recipe(
    labels: int, settings: TrainingSettings, device: torch.device | None = None
) -> DetectorRecipe:
    """Choose the recipe: scenes are free, so its length grows with the labels, not the pictures."""
    scale = detector_scale(settings, device)
    return DetectorRecipe(
        input_size=(INPUT_SIDE, INPUT_SIDE),
        view=(VIEW, VIEW),
        iterations=min(ITERATIONS + ITERATIONS_A_LABEL * labels, MAX_ITERATIONS),
        guard_seconds=settings.budget_seconds or GUARD_SECONDS,
        backbone=scale.backbone,
        batch=scale.batch,
        stop_recall=NEVER_STOP,
        mosaic=0.0,
    )


def brand_network(labels: int, recipe: DetectorRecipe) -> Detector:
    """Create a pretrained detector with default priors, for logos of every size."""
    return started(labels, recipe, level_priors([], [], recipe.input_size))
