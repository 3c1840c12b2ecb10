from __future__ import annotations

from pathlib import Path

import pytest
import torch
from numpy.random import default_rng
from tests.training.drawn import SHAPES, drawn_examples
from torch import Tensor, nn

from lensmith.domain.geometry import Box
from lensmith.inference.artefact import Artefact, Preprocessing, Resize, Task
from lensmith.training.box_judgement import FEWEST_PICTURES, HeldOutJudge, held_out, judge
from lensmith.training.example import Example
from lensmith.training.frames import Frames

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


def test_whoever_knows_every_box_is_judged_perfect_and_told_to_be_bolder(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 30, (1, 2), seed=1)
    judgement = judge(Oracle(examples, confidence=0.6), ARTEFACT, examples)
    assert judgement.pictures == 30
    assert judgement.average_precision == pytest.approx(1.0)
    scaled = judgement.calibration.slope * 0.405 + judgement.calibration.offset  # logit of 0.6
    assert torch.tensor(scaled).sigmoid() > 0.75


def test_few_pictures_are_all_learnt_from(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 6, (1, 2), seed=1)
    assert held_out(examples, default_rng(0)) == []
    frames = Frames(examples, (64, 64), (64, 64), default_rng(0))
    assert HeldOutJudge(examples, frames, ARTEFACT, default_rng(0)).judgement is None


def test_pictures_without_boxes_judge_nobody() -> None:
    boxed = Example(Path("a.png"), (), ((0, Box(0.1, 0.1, 0.2, 0.2)),))
    examples = [Example(Path("b.png"), ()), boxed] * FEWEST_PICTURES
    aside = held_out(examples, default_rng(0))
    assert len(aside) == round(0.15 * FEWEST_PICTURES)
    assert all(examples[index].boxes for index in aside)
