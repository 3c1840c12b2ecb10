from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from numpy.random import default_rng
from tests.training.drawn import COLOURS, SHAPES, SIDES, drawn_examples
from torch import Tensor, nn
from torch.nn import functional

from lensmith.domain.geometry import Box
from lensmith.evaluation.ground_truth import GroundTruth, ImageSize
from lensmith.inference.artefact import Artefact, Preprocessing, Resize, Task
from lensmith.training.data.example import Example
from lensmith.training.data.pictures import as_served
from lensmith.training.detector.batches import DetectionBatches
from lensmith.training.detector.validation import (
    MIN_PICTURES,
    HoldoutValidator,
    choose_held_out,
    validate,
)
from lensmith.training.export import export_model
from lensmith.training.job.evaluation import assess
from lensmith.training.job.usable_images import UsableImage

ARTEFACT = Artefact(
    task=Task.DETECTION,
    labels=SHAPES,
    thresholds=(0.5,) * len(SHAPES),
    input_size=(160, 128),
    preprocessing=Preprocessing(Resize.LETTERBOX),
)


class Oracle(nn.Module):
    """Knows the boxes of the pictures that it is asked about, in their order."""

    def __init__(self, examples: list[Example], confidence: float) -> None:
        super().__init__()
        self.examples = iter(examples)
        self.confidence = confidence

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """A 160 x 120 picture lies 4 pixels below the top of the 160 x 128 frame."""
        example = next(self.examples)
        scores = torch.zeros(1, len(example.boxes), len(SHAPES))
        corners = []
        for row, (label, box) in enumerate(example.boxes):
            scores[0, row, label] = self.confidence
            top, height = (box.top * 120 + 4) / 128, box.height * 120 / 128
            corners.append([box.left, top, box.left + box.width, top + height])
        return torch.tensor([corners]), scores


class ColourWindows(nn.Module):
    """Answers windows of one size by how much of a shape's colour is in them: often right."""

    colours: Tensor
    boxes: Tensor
    preference: Tensor

    def __init__(self, input_size: tuple[int, int], side: int, step: int) -> None:
        super().__init__()
        self.side, self.step = side, step
        self.register_buffer("colours", torch.tensor(COLOURS).float()[None, :, :, None, None])
        lefts, tops = (torch.arange(0, room - side + 1, step) for room in input_size)
        corners = torch.stack(torch.meshgrid(tops, lefts, indexing="ij"), -1).flip(-1)
        corners = corners.reshape(-1, 2).float()
        boxes = torch.cat([corners, corners + side], 1) / torch.tensor([*input_size, *input_size])
        self.register_buffer("boxes", boxes[None])
        # No two windows of one colour tie, or the last bit of a sum would rank them.
        self.register_buffer("preference", torch.linspace(0.8, 1.0, len(boxes))[:, None])

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        pixels = images.float().permute(0, 3, 1, 2)[:, None]
        likeness = (1 - (pixels - self.colours).abs().mean(2) / 60).clamp(0, 1)
        inked = functional.avg_pool2d(likeness, self.side, self.step).flatten(2)
        boxes = self.boxes.expand(len(images), *self.boxes.shape[1:])
        return boxes, inked.transpose(1, 2) * self.preference


def evaluated(example: Example) -> UsableImage:
    boxes = tuple((SHAPES[label], box) for label, box in example.boxes)
    return UsableImage(
        example.image, GroundTruth(example.image.name, 1, boxes=boxes, size=ImageSize(*SIDES))
    )


# Smaller than the pictures, the frame shows them scaled: once, where serving decodes a file
# whole, and where training scales for its cache first, twice. Boxes of 20 pixels show it little.
@pytest.mark.parametrize(("divisor", "tolerance"), [(1, 1e-9), (2, 0.02)])
def test_the_judgement_is_what_the_evaluation_says_of_the_exported_model(
    tmp_path: Path, divisor: int, tolerance: float
) -> None:
    examples = drawn_examples(tmp_path, 24, (1, 2), seed=3)
    input_size = (160 // divisor, 128 // divisor)
    artefact = replace(ARTEFACT, input_size=input_size)
    network = ColourWindows(input_size, 40 // divisor, 8 // divisor)
    judged = validate(network, artefact, examples).average_precision
    assert 0.2 < judged < 0.95  # neither is told from a judge that always says the same

    samples = as_served(examples[0].image, artefact)[0][None].copy()
    directory = tmp_path / "model"
    directory.mkdir()
    export_model(network, ["boxes", "scores"], artefact, directory, samples)
    images = [evaluated(example) for example in examples]
    evaluation = assess(directory, images, 1, lambda _: None).evaluation
    assert evaluation.average_precision == pytest.approx(judged, abs=tolerance)


def test_whoever_knows_every_box_is_judged_perfect_and_told_to_be_bolder(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 30, (1, 2), seed=1)
    validation = validate(Oracle(examples, confidence=0.6), ARTEFACT, examples)
    assert validation.pictures == 30
    assert validation.average_precision == pytest.approx(1.0)
    scaled = validation.calibration.slope * 0.405 + validation.calibration.offset  # logit of 0.6
    assert torch.tensor(scaled).sigmoid() > 0.75


def test_few_pictures_are_all_learnt_from(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 6, (1, 2), seed=1)
    assert choose_held_out(examples, default_rng(0)) == []
    frames = DetectionBatches(examples, (64, 64), (64, 64), default_rng(0))
    assert HoldoutValidator(examples, frames, ARTEFACT, default_rng(0)).validation is None


def test_pictures_without_boxes_judge_nobody() -> None:
    boxed = Example(Path("a.png"), (), ((0, Box(0.1, 0.1, 0.2, 0.2)),))
    examples = [Example(Path("b.png"), ()), boxed] * MIN_PICTURES
    aside = choose_held_out(examples, default_rng(0))
    assert len(aside) == round(0.15 * MIN_PICTURES)
    assert all(examples[index].boxes for index in aside)
