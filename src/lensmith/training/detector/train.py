"""Trains a detector on pictures with boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.random import default_rng
from torch import Tensor

from lensmith.domain.job import OnProgress, Progress
from lensmith.domain.training_phase import TrainingPhase
from lensmith.inference.preprocess import Size, place
from lensmith.training.backbone import load_backbone
from lensmith.training.budget import TimeBudget
from lensmith.training.data.example import Example
from lensmith.training.data.pictures import as_served, picture_size, use_threads
from lensmith.training.detector.batches import DetectionBatches
from lensmith.training.detector.description import (
    LETTERBOX,
    detector_artefact,
    training_report,
)
from lensmith.training.detector.fit import fit
from lensmith.training.detector.network import STRIDES, Detector
from lensmith.training.detector.pretrained import START_FILES, load_start
from lensmith.training.detector.recipe import DetectorRecipe, detector_recipe
from lensmith.training.detector.served import ServedDetector
from lensmith.training.detector.validation import HoldoutValidator
from lensmith.training.device import Machine, this_machine
from lensmith.training.export import export_model
from lensmith.training.settings import TrainingSettings

BOX_SIDE_IN_CELLS = 5.0  # usual side of the boxes assigned to a level
SAMPLES = 2  # images on which the exported model is checked


def train_detector(
    examples: Sequence[Example],
    labels: Sequence[str],
    directory: Path,
    settings: TrainingSettings,
    on_progress: OnProgress,
    *,
    recipe: DetectorRecipe | None = None,
    network: Detector | None = None,
    machine: Machine | None = None,
) -> None:
    """Train on boxes and write the artefact; the same seed gives the same model.

    Pictures without boxes are negatives. Some pictures are held out until the learning rate decays
    and then calibrate the scores. Thresholds are 0.5 until the evaluation sets them. The speed of
    the machine changes the model only if the time budget, from here to the written artefact, cuts
    the training short. Without a `recipe` it is chosen from the pictures, without a `network` the
    bundled start is trained. Raises ExportError.
    """
    machine = machine or this_machine()
    began = machine.clock()
    use_threads(settings.threads)
    torch.manual_seed(settings.seed)
    sizes = [picture_size(example.image) for example in examples]
    recipe = recipe or detector_recipe(examples, sizes, settings, machine.device)
    on_progress(Progress(TrainingPhase.PLANNING, budget_seconds=recipe.guard_seconds))
    batches = DetectionBatches(examples, recipe.input_size, recipe.view, default_rng(settings.seed))
    artefact = detector_artefact(labels, recipe)
    validator = HoldoutValidator(examples, batches, artefact, default_rng(settings.seed))
    network = network or _network(examples, sizes, labels, recipe)
    budget = TimeBudget(recipe.guard_seconds, began, machine.clock).keeping(recipe.ending_seconds)
    fitted = fit(network, batches, recipe, budget, on_progress, validator, machine)
    served = ServedDetector(fitted.network.cpu(), recipe.input_size, validator.calibration)
    samples = np.stack([as_served(one.image, artefact)[0] for one in examples[:SAMPLES]])
    export_model(
        served,
        ["boxes", "scores"],
        replace(artefact, report=training_report(settings, recipe, fitted, validator.validation)),
        directory,
        samples,
    )


def _network(
    examples: Sequence[Example],
    sizes: Sequence[Size],
    labels: Sequence[str],
    recipe: DetectorRecipe,
) -> Detector:
    return started(len(labels), recipe, level_priors(examples, sizes, recipe.input_size))


def started(labels: int, recipe: DetectorRecipe, priors: Tensor) -> Detector:
    """Create a detector with bundled pretrained weights, if there are any for its backbone."""
    network = Detector(load_backbone(recipe.backbone), labels, priors)
    if recipe.backbone in START_FILES:
        load_start(network, START_FILES[recipe.backbone])
    network.freeze(recipe.frozen_stages)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def level_priors(examples: Sequence[Example], sizes: Sequence[Size], input_size: Size) -> Tensor:
    """Measure half the usual width and height of the boxes assigned to each level, [levels, 2]."""
    pixels = np.array(
        [
            (box.width * placement.width, box.height * placement.height)
            for example, size in zip(examples, sizes, strict=True)
            for placement in [place(size, input_size, LETTERBOX)]
            for _, box in example.boxes
        ],
        np.float32,
    ).reshape(-1, 2)
    logs = np.log(pixels.clip(min=1.0))
    meant = np.log(np.array(STRIDES, np.float32) * BOX_SIDE_IN_CELLS)
    level = np.abs(logs.mean(1)[:, None] - meant).argmin(1)
    priors = [
        np.exp(logs[level == index].mean(0)) if (level == index).any() else np.exp([centre] * 2)
        for index, centre in enumerate(meant)
    ]
    return torch.tensor(np.array(priors), dtype=torch.float32) / 2
