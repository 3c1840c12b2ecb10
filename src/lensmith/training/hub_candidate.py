"""One detector from the hub: learns without some pictures to be judged, then with all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from numpy.random import default_rng

from lensmith.domain.job import Progress
from lensmith.inference.artefact import Artefact, Preprocessing, Resize, Task
from lensmith.training.augment import GREY
from lensmith.training.box_calibration import BoxCalibration
from lensmith.training.example import Example
from lensmith.training.export import export_model, versions
from lensmith.training.frames import Frames
from lensmith.training.hub_detector import HubDetector
from lensmith.training.hub_detector_fit import (
    HubDetectorRecipe,
    cut_to,
    fit_hub_detector,
    hub_detector_recipe,
    seconds_an_iteration,
)

NMS_IOU = 0.7  # its candidates were trained to be one for each object, so fewer are doubles
SAMPLES = 2  # frames on which the exported model is checked

Report = Callable[[Progress], None]


class HubCandidate:
    """The same seed gives the same model on the same machine."""

    def __init__(self, network: HubDetector, labels: Sequence[str], seed: int) -> None:
        self.name = network.name
        self._network = network
        self._labels = tuple(labels)
        self._seed = seed

    def learn_some(
        self, examples: Sequence[Example], directory: Path, seconds: float, report: Report
    ) -> None:
        """Learn, within the seconds, and write an artefact.

        Raises UntrainableError and ExportError.
        """
        recipe = hub_detector_recipe(len(examples))
        self._recipe = cut_to(recipe, seconds_an_iteration(self._network, recipe), seconds)
        self._learn(examples, self._recipe.iterations, directory, report)

    def learn_more(
        self,
        examples: Sequence[Example],
        directory: Path,
        calibration: BoxCalibration,
        report: Report,
    ) -> None:
        """Go on with all pictures, and write an artefact whose scores mean what was judged.

        Raises UntrainableError and ExportError.
        """
        self._network.calibration = calibration
        self._learn(examples, self._recipe.more_iterations, directory, report)

    def _learn(
        self, examples: Sequence[Example], iterations: int, directory: Path, report: Report
    ) -> None:
        torch.manual_seed(self._seed)
        frame = self._network.frame
        frames = Frames(examples, frame, frame, default_rng(self._seed))  # views as large as served
        learnt = fit_hub_detector(self._network, frames, self._recipe, iterations, report)
        self._network = learnt.cpu()
        samples, _ = frames.batch(SAMPLES, mosaic=0.0)
        export_model(
            self._network,
            ["boxes", "scores"],
            self._description(self._recipe),
            directory,
            samples.numpy(),
            in_any_order=True,
        )

    def _description(self, recipe: HubDetectorRecipe) -> Artefact:
        return Artefact(
            task=Task.DETECTION,
            labels=self._labels,
            thresholds=(0.5,) * len(self._labels),
            input_size=self._network.frame,
            preprocessing=Preprocessing(Resize.LETTERBOX, fill=GREY),
            nms_iou=NMS_IOU,
            versions=versions(),
            report={
                "seed": self._seed,
                "detector": self.name,
                "recipe": asdict(recipe),
                "calibration": asdict(self._network.calibration),
            },
        )
