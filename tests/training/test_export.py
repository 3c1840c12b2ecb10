from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lensmith.inference.artefact import Artefact, Task
from lensmith.training.errors import ExportError
from lensmith.training.export import export_model


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


class Ranking(nn.Module):
    """Candidates whose order, and whose last and faintest one, hang on a hair."""

    def __init__(self, exported_score: float = 0.6) -> None:
        super().__init__()
        self.exported_score = exported_score

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        zero = images.float().mean((1, 2, 3))[:, None, None] * 0
        boxes = torch.tensor([[0.1, 0.1, 0.2, 0.2], [0.5, 0.5, 0.9, 0.9], [0.3, 0.3, 0.4, 0.4]])
        scores = torch.tensor([[0.6, 0.2], [0.6, 0.1], [0.001, 0.001]])
        if torch.onnx.is_in_onnx_export():
            boxes, scores = boxes.flip(0), scores.flip(0).clone()
            boxes[0] = 0.7
            scores[2, 0] = self.exported_score
        return boxes + zero, scores + zero


def export_ranking(network: Ranking, directory: Path, *, match_outputs_by_assignment: bool) -> None:
    artefact = Artefact(Task.DETECTION, ("a", "b"), (0.5, 0.5), (64, 64))
    samples = np.zeros((2, 64, 64, 3), np.uint8)
    export_model(
        network,
        ["boxes", "scores"],
        artefact,
        directory,
        samples,
        match_outputs_by_assignment=match_outputs_by_assignment,
    )


def test_candidates_may_come_in_any_order_where_said_so(tmp_path: Path) -> None:
    export_ranking(Ranking(), tmp_path, match_outputs_by_assignment=True)
    with pytest.raises(ExportError, match="boxes differ"):
        export_ranking(Ranking(), tmp_path, match_outputs_by_assignment=False)


def test_in_any_order_another_score_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"scores differ by 0\.1"):
        export_ranking(Ranking(exported_score=0.7), tmp_path, match_outputs_by_assignment=True)
