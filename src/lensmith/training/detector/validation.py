"""What held-out pictures say of a detector: how much it finds, and what its scores mean."""

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
from lensmith.training.detector.batches import Frames
from lensmith.training.detector.calibration import BoxCalibration, fit_box_calibration
from lensmith.training.detector.network import Detector
from lensmith.training.detector.served import ServedDetector
from lensmith.training.device import compute_device

HELD_OUT = 0.15  # share of the pictures
FEWEST_PICTURES = 40  # below which every picture is needed to learn from


@dataclass(frozen=True, slots=True)
class BoxJudgement:
    pictures: int
    average_precision: float  # at IoU 0.5, as the evaluation computes it
    calibration: BoxCalibration

    @classmethod
    def of(
        cls, labels: Sequence[str], pictures: int, predicted: Boxes, truth: Boxes
    ) -> BoxJudgement:
        matching = match(predicted, truth)
        return cls(
            pictures,
            evaluate_detector(labels, predicted, truth, matching).average_precision,
            fit_box_calibration(predicted.confidence, matching.correct),
        )


class HeldOutJudge:
    """Keeps some pictures from `frames` until it is called, then judges by them."""

    def __init__(
        self, examples: Sequence[Example], frames: Frames, artefact: Artefact, chance: Generator
    ) -> None:
        self.judgement: BoxJudgement | None = None
        self._examples = examples
        self._frames = frames
        self._artefact = artefact
        self._held_out = held_out(examples, chance)
        away = set(self._held_out)
        frames.learn_from([index for index in range(len(examples)) if index not in away])

    @property
    def calibration(self) -> BoxCalibration:
        return self.judgement.calibration if self.judgement else BoxCalibration()

    def __call__(self, network: Detector) -> None:
        if self._held_out:
            served = ServedDetector(network, self._artefact.input_size).to(compute_device())
            pictures = [self._examples[index] for index in self._held_out]
            self.judgement = judge(served.eval(), self._artefact, pictures)
            self._frames.learn_from(range(len(self._examples)))


def held_out(examples: Sequence[Example], chance: Generator) -> list[int]:
    """Pictures with boxes to judge by; none where there are too few."""
    boxed = [index for index, example in enumerate(examples) if example.boxes]
    if len(boxed) < FEWEST_PICTURES:
        return []
    return sorted(chance.permutation(boxed)[: round(HELD_OUT * len(boxed))].tolist())


@torch.no_grad()
def judge(network: nn.Module, artefact: Artefact, examples: Sequence[Example]) -> BoxJudgement:
    """`network` takes uint8 [n, h, w, 3] and answers boxes [n, a, 4] and scores [n, a, labels]."""
    numbers = {label: number for number, label in enumerate(artefact.labels)}
    predicted = Boxes.collect(
        [(numbers[found.name], found.confidence, found.box) for found in answers if found.box]
        for answers in (_answers(network, artefact, example) for example in examples)
    )
    truth = Boxes.collect([(label, 1.0, box) for label, box in one.boxes] for one in examples)
    return BoxJudgement.of(artefact.labels, len(examples), predicted, truth)


def _answers(network: nn.Module, artefact: Artefact, example: Example) -> tuple[Detection, ...]:
    """What the predictor would answer, without the runtime."""
    frame, placement = as_served(example.image, artefact)
    boxes, scores = network(torch.from_numpy(frame.copy())[None].to(compute_device()))
    return detected(boxes[0].cpu().numpy(), scores[0].cpu().numpy(), placement, artefact)
