from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lensmith.inference.artefact import Artefact, Task
from lensmith.training.export import ExportError, export_model


class Constant(nn.Module):
    """Answers every picture with the same scores."""

    def __init__(self, scores: list[float]) -> None:
        super().__init__()
        self.scores = nn.Parameter(torch.tensor(scores))

    def forward(self, images: Tensor) -> Tensor:
        return images.float().mean((1, 2, 3))[:, None] * 0 + self.scores


def export(scores: list[float], directory: Path) -> None:
    artefact = Artefact(Task.CLASSIFICATION, ("a", "b"), (0.5, 0.5), (64, 64))
    samples = np.zeros((2, 64, 64, 3), np.uint8)
    export_model(Constant(scores), ["scores"], artefact, directory, samples)


def test_equal_answers_pass(tmp_path: Path) -> None:
    export([0.25, 0.75], tmp_path)
    assert Artefact.read(tmp_path).labels == ("a", "b")


def test_a_network_that_answers_no_numbers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="differ by nan"):
        export([0.25, float("nan")], tmp_path)
