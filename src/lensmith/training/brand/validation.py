"""Validates a logo detector on synthetic scenes it was not trained on."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray

from lensmith.domain.geometry import Box
from lensmith.evaluation.boxes import Boxes
from lensmith.inference.artefact import Artefact
from lensmith.inference.postprocess import detected
from lensmith.inference.preprocess import Placement, Size
from lensmith.training.brand.batches import LogoBatches
from lensmith.training.data.augment import Scene
from lensmith.training.detector.calibration import BoxCalibration
from lensmith.training.detector.network import Detector
from lensmith.training.detector.served import ServedDetector
from lensmith.training.detector.validation import BoxValidation
from lensmith.training.device import device_of

HALF_SIZE_FRACTION = 0.4  # of the input, from which boxes are also searched at half its size


class SceneValidator:
    """Makes scenes as large as the serving frame, apart from those that training sees."""

    def __init__(self, batches: LogoBatches, artefact: Artefact, rng: Generator) -> None:
        self.validation: BoxValidation | None = None
        self._artefact = artefact
        self._count = batches.recipe.validation_scenes
        self._painter = batches.painter(artefact.input_size, rng)
        self._sizes = batches.final_sizes(artefact.input_size)

    @property
    def calibration(self) -> BoxCalibration:
        return self.validation.calibration if self.validation else BoxCalibration()

    def __call__(self, network: Detector) -> None:
        self.validation = self._validated(self.served(network).to(device_of(network)).eval())

    def served(self, network: Detector) -> ServedDetector:
        """Return the network as it is served, with the calibration of the last validation."""
        return ServedDetector(
            network, self._artefact.input_size, self.calibration, HALF_SIZE_FRACTION
        )

    def samples(self, count: int) -> NDArray[np.uint8]:
        """Return images [n, h, w, 3] of validation scenes."""
        return np.stack([self._painter.scene(self._sizes).pixels for _ in range(count)])

    def _validated(self, network: ServedDetector) -> BoxValidation:
        scenes = [self._painter.scene(self._sizes) for _ in range(self._count)]
        predicted = Boxes.collect(self._answers(network, scene) for scene in scenes)
        truth = Boxes.collect(_truth(scene, self._artefact.input_size) for scene in scenes)
        return BoxValidation.of(self._artefact.labels, len(scenes), predicted, truth)

    @torch.no_grad()
    def _answers(self, network: ServedDetector, scene: Scene) -> list[tuple[int, float, Box]]:
        """Compute the detections that the predictor would return, without the runtime."""
        image = torch.from_numpy(scene.pixels.copy())[None].to(device_of(network))
        boxes, scores = network(image)
        whole = Placement(0, 0, *self._artefact.input_size)
        found = detected(boxes[0].cpu().numpy(), scores[0].cpu().numpy(), whole, self._artefact)
        numbers = {label: number for number, label in enumerate(self._artefact.labels)}
        return [(numbers[one.name], one.confidence, one.box) for one in found if one.box]


def _truth(scene: Scene, input_size: Size) -> Iterable[tuple[int, float, Box]]:
    corners = scene.boxes / np.array(input_size * 2, np.float32)
    for label, (left, top, right, bottom) in zip(
        scene.labels.tolist(), corners.tolist(), strict=True
    ):
        yield label, 1.0, Box(left, top, right - left, bottom - top)
