"""Validates a detector on held-out pictures: average precision and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from numpy.random import Generator
from torch import nn

from lensmith.domain.label import Detection
from lensmith.evaluation.boxes import Boxes
from lensmith.evaluation.evaluation import evaluate_detector
from lensmith.evaluation.matching import match
from lensmith.inference.artefact import Artefact
from lensmith.inference.postprocess import detected
from lensmith.training.data.example import Example
from lensmith.training.data.pictures import as_served
from lensmith.training.detector.batches import DetectionBatches
from lensmith.training.detector.calibration import BoxCalibration, fit_box_calibration
from lensmith.training.detector.network import Detector
from lensmith.training.detector.served import ServedDetector
from lensmith.training.device import device_of

HELD_OUT = 0.15  # fraction of the pictures
MIN_PICTURES = 40  # below which all pictures are needed for training


@dataclass(frozen=True, slots=True)
class BoxValidation:
    pictures: int
    average_precision: float  # at IoU 0.5, as the evaluation computes it
    calibration: BoxCalibration

    @classmethod
    def of(
        cls, labels: Sequence[str], pictures: int, predicted: Boxes, truth: Boxes
    ) -> BoxValidation:
        matching = match(predicted, truth)
        return cls(
            pictures,
            evaluate_detector(labels, predicted, truth, matching).average_precision,
            fit_box_calibration(predicted.confidence, matching.correct),
        )


class HoldoutValidator:
    """Holds pictures out of `batches` until it is called, then validates on them."""

    def __init__(
        self,
        examples: Sequence[Example],
        batches: DetectionBatches,
        artefact: Artefact,
        rng: Generator,
    ) -> None:
        self.validation: BoxValidation | None = None
        self._examples = examples
        self._batches = batches
        self._artefact = artefact
        self._held_out = choose_held_out(examples, rng)
        away = set(self._held_out)
        batches.learn_from([index for index in range(len(examples)) if index not in away])

    @property
    def calibration(self) -> BoxCalibration:
        return self.validation.calibration if self.validation else BoxCalibration()

    def __call__(self, network: Detector) -> None:
        if self._held_out:
            served = ServedDetector(network, self._artefact.input_size).to(device_of(network))
            pictures = [self._examples[index] for index in self._held_out]
            self.validation = validate(served.eval(), self._artefact, pictures)
            self._batches.learn_from(range(len(self._examples)))


def choose_held_out(examples: Sequence[Example], rng: Generator) -> list[int]:
    """Draw pictures with boxes to hold out; empty if there are too few."""
    boxed = [index for index, example in enumerate(examples) if example.boxes]
    if len(boxed) < MIN_PICTURES:
        return []
    return sorted(rng.permutation(boxed)[: round(HELD_OUT * len(boxed))].tolist())


@torch.no_grad()
def validate(network: nn.Module, artefact: Artefact, examples: Sequence[Example]) -> BoxValidation:
    """Evaluate a network from uint8 [n, h, w, 3] to boxes [n, a, 4] and scores [n, a, labels]."""
    numbers = {label: number for number, label in enumerate(artefact.labels)}
    predicted = Boxes.collect(
        [(numbers[found.name], found.confidence, found.box) for found in answers if found.box]
        for answers in (_answers(network, artefact, example) for example in examples)
    )
    truth = Boxes.collect([(label, 1.0, box) for label, box in one.boxes] for one in examples)
    return BoxValidation.of(artefact.labels, len(examples), predicted, truth)


def _answers(network: nn.Module, artefact: Artefact, example: Example) -> tuple[Detection, ...]:
    """Compute the detections that the predictor would return, without the runtime."""
    image, placement = as_served(example.image, artefact)
    boxes, scores = network(torch.from_numpy(image.copy())[None].to(device_of(network)))
    return detected(boxes[0].cpu().numpy(), scores[0].cpu().numpy(), placement, artefact)
