from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from lensmith.training.detector.network import Detector, Predictions
from lensmith.training.detector.served import ServedDetector


class OneBoxWherever(nn.Module):
    """Sees a box of the same pixels, three quarters sure, in frames of any size."""

    def __init__(self, box: tuple[float, float, float, float]) -> None:
        super().__init__()
        self._box = torch.tensor(box)

    def forward(self, frames: Tensor) -> Predictions:
        count = len(frames)
        objectness = torch.tensor(0.75).logit().expand(count, 1)
        return Predictions(objectness, torch.zeros(count, 1, 1), self._box.expand(count, 1, 4))


def answers(
    box: tuple[float, float, float, float], half_size_fraction: float | None
) -> tuple[list[list[float]], list[float]]:
    detector = cast(Detector, OneBoxWherever(box))
    served = ServedDetector(detector, (128, 64), half_size_fraction=half_size_fraction)
    boxes, scores = served(torch.zeros(1, 64, 128, 3, dtype=torch.uint8))
    return boxes[0].tolist(), [round(score, 3) for score in scores[0, :, 0].tolist()]


def test_one_look_is_the_frame_as_it_is() -> None:
    assert answers((32, 16, 64, 48), None) == ([[0.25, 0.25, 0.5, 0.75]], [0.75])


def test_a_look_at_half_the_size_finds_what_is_twice_as_large() -> None:
    boxes, scores = answers((8, 8, 56, 24), 0.5)
    assert boxes == [[0.0625, 0.125, 0.4375, 0.375], [0.125, 0.25, 0.875, 0.75]]
    assert scores == [0.75, 0.75]


def test_what_is_small_at_half_the_size_does_not_count() -> None:
    assert answers((8, 8, 20, 12), 0.5)[1] == [0.75, 0.0]


def test_in_between_it_counts_in_part() -> None:
    assert answers((0, 0, 28.8, 8), 0.5)[1] == [0.75, 0.375]  # 0.45 of the frame
