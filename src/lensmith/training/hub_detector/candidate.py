"""Trains one detector of the hub: without held-out pictures, then on all of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import torch
from numpy.random import default_rng

from lensmith.domain.job import OnProgress
from lensmith.domain.training_report import (
    Cut,
    DetectorTraining,
    EndReason,
    Recipe,
    TrainingReport,
)
from lensmith.inference.artefact import Artefact, Task
from lensmith.training.budget import TimeBudget
from lensmith.training.data.example import Example
from lensmith.training.detector.batches import DetectionBatches
from lensmith.training.detector.description import LETTERBOX, calibration_of, held_out_result
from lensmith.training.detector.validation import BoxValidation
from lensmith.training.device import Machine, this_machine
from lensmith.training.export import export_model, versions
from lensmith.training.hub_detector.detector import HubDetector
from lensmith.training.hub_detector.fit import (
    FittedHubDetector,
    fit_hub_detector,
    seconds_an_iteration,
)
from lensmith.training.hub_detector.recipe import (
    HubDetectorRecipe,
    cut_to,
    hub_detector_recipe,
)
from lensmith.training.hub_detector.schedule import CosineSchedule

NMS_IOU = 0.7  # trained to predict each object once, so fewer are duplicates
ENDING_SECONDS = 15.0  # the export with its check, until it has been timed once
SAMPLES = 2  # images on which the exported model is checked


class HubCandidate:
    """A detector in training. The same seed gives the same model, unless time cuts it short."""

    def __init__(
        self,
        network: HubDetector,
        labels: Sequence[str],
        seed: int,
        recipe: HubDetectorRecipe | None = None,
        machine: Machine | None = None,
    ) -> None:
        """Create a candidate; without a recipe it is chosen by the number of pictures."""
        self.name = network.name
        self._network = network
        self._labels = tuple(labels)
        self._seed = seed
        self._given = recipe
        self._machine = machine or this_machine()
        self._iterations = self._wanted_iterations = 0
        self._ending = ENDING_SECONDS
        self._validation: BoxValidation | None = None

    def learn_some(
        self, examples: Sequence[Example], directory: Path, seconds: float, on_progress: OnProgress
    ) -> None:
        """Train within `seconds` and write an artefact.

        Raises TrainingError.
        """
        budget = TimeBudget.from_now(seconds, self._machine.clock).keeping(self._ending)
        self._wanted = self._given or hub_detector_recipe(len(examples))
        pace = seconds_an_iteration(self._network, self._wanted, self._machine)
        self._recipe = cut_to(self._wanted, pace, budget.left)
        self._wanted_iterations += self._wanted.iterations
        self._learn(examples, self._recipe.iterations, budget, directory, on_progress)

    def learn_more(
        self,
        examples: Sequence[Example],
        validation: BoxValidation,
        directory: Path,
        seconds: float,
        on_progress: OnProgress,
    ) -> None:
        """Continue on all pictures and write an artefact calibrated as validated.

        Raises TrainingError.
        """
        budget = TimeBudget.from_now(seconds, self._machine.clock).keeping(self._ending)
        self._validation = validation
        self._network.calibration = validation.calibration
        self._wanted_iterations += self._wanted.more_iterations
        self._learn(examples, self._recipe.more_iterations, budget, directory, on_progress)

    def _learn(
        self,
        examples: Sequence[Example],
        iterations: int,
        budget: TimeBudget,
        directory: Path,
        on_progress: OnProgress,
    ) -> None:
        torch.manual_seed(self._seed)
        input_size = self._network.input_size
        batches = DetectionBatches(
            examples, input_size, input_size, default_rng(self._seed)
        )  # views as large as served
        schedule = CosineSchedule(self._recipe, iterations, budget)
        fitted = fit_hub_detector(
            self._network, batches, self._recipe, schedule, on_progress, self._machine
        )
        self._network = fitted.network.cpu()
        self._iterations += fitted.iterations
        began = time.monotonic()
        samples, _ = batches.batch(SAMPLES, mosaic=0.0)
        export_model(
            self._network,
            ["boxes", "scores"],
            self._description(fitted),
            directory,
            samples.numpy(),
            match_outputs_by_assignment=True,
        )
        self._ending = time.monotonic() - began

    def _description(self, fitted: FittedHubDetector) -> Artefact:
        return Artefact(
            task=Task.DETECTION,
            labels=self._labels,
            thresholds=(0.5,) * len(self._labels),
            input_size=self._network.input_size,
            preprocessing=LETTERBOX,
            nms_iou=NMS_IOU,
            versions=versions(),
            report=self._report(fitted),
        )

    def _report(self, fitted: FittedHubDetector) -> TrainingReport:
        wanted, was_cut = self._wanted, self._recipe != self._wanted
        return TrainingReport(
            seed=self._seed,
            device=self._machine.device.type,
            detector=DetectorTraining(
                Recipe(
                    self._network.input_size,
                    wanted.iterations,
                    wanted.batch,
                    more_iterations=wanted.more_iterations,
                ),
                self._iterations,
                fitted.loss,
                EndReason.OUT_OF_TIME if was_cut else fitted.ending,
                self.name,
                held_out=held_out_result(self._validation),
                calibration=calibration_of(self._validation),
                cut=self._cut(fitted),
            ),
        )

    def _cut(self, fitted: FittedHubDetector) -> Cut | None:
        """Return what the budget left out of the parts that ran; None if nothing."""
        left_out = self._wanted_iterations - self._iterations
        return Cut(left_out, round(fitted.pace * left_out, 1)) if left_out > 0 else None
