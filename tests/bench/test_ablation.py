"""The ablation of the detector's recipe: each variant changes what it says and nothing after it."""

from __future__ import annotations

from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from bench.ablation.assignments import centre_sampling, simota, strides_of
from bench.ablation.box_losses import generalised_overlap_loss, overlap_loss
from bench.ablation.report import table
from bench.ablation.results import Cell, Outcome
from bench.ablation.variants import NEVER, VARIANTS, changed
from faster_coco_eval.core.mask import iou as coco_iou
from rich.console import Console

from lensmith.domain.geometry import Box
from lensmith.training.assign import Truth
from lensmith.training.detector_network import STRIDES, grids_of
from lensmith.training.example import Example
from lensmith.training.settings import TrainingSettings

FRAME = (320, 320)
POINTS = torch.cat(grids_of(FRAME, torch.device("cpu")))
LARGE, SMALL = [40.0, 40.0, 280.0, 280.0], [200.0, 200.0, 224.0, 224.0]


def _truth() -> Truth:
    return Truth(torch.tensor([[LARGE, SMALL, [0.0] * 4]]), torch.tensor([[1, 0, -1]]))


def _part(module: str, name: str) -> Any:
    """Of the training code, as it stands now."""
    return getattr(import_module(f"lensmith.training.{module}"), name)


def _boxes_around_points(side: float) -> torch.Tensor:
    return torch.cat([POINTS - side / 2, POINTS + side / 2], -1)[None]


def test_strides_of_points_are_those_of_their_grids() -> None:
    counts = [(FRAME[0] // stride) * (FRAME[1] // stride) for stride in STRIDES]
    expected = np.repeat(STRIDES, counts)
    assert strides_of(POINTS).tolist() == expected.tolist()


def test_centre_sampling_chooses_the_level_by_size() -> None:
    scores = torch.full((1, len(POINTS), 2), 0.5)
    targets = centre_sampling(scores, _boxes_around_points(240.0), POINTS, _truth())
    strides, labels = strides_of(POINTS), targets.labels[0]
    answering = targets.quality[0] > 0
    assert set(strides[answering & (labels == 1)].tolist()) == {32.0}
    assert set(strides[answering & (labels == 0)].tolist()) == {8.0}


def test_simota_asks_as_many_as_overlap_and_nobody_for_padding() -> None:
    scores = torch.full((1, len(POINTS), 2), 0.5)
    targets = simota(scores, _boxes_around_points(24.0), POINTS, _truth())
    answering = targets.quality[0] > 0
    small = answering & (targets.labels[0] == 0)
    assert 1 <= int(small.sum()) <= 10
    assert all(box == SMALL for box in targets.boxes[0, small].tolist())
    assert float(targets.quality.max()) <= 1


def test_overlap_loss_is_what_coco_says() -> None:
    corners = torch.rand(20, 2, generator=torch.Generator().manual_seed(1)) * 50
    ours = torch.cat([corners, corners + 30], -1)
    theirs = torch.cat([corners + 10, corners + 35], -1)
    as_coco = [
        np.concatenate([each[:, :2], each[:, 2:] - each[:, :2]], 1).astype(np.float64)
        for each in (ours.numpy(), theirs.numpy())
    ]
    expected = 1 - coco_iou(*as_coco, [0] * 20).diagonal()
    np.testing.assert_allclose(overlap_loss(ours, theirs), expected, atol=1e-6)


def test_generalised_loss_tells_far_from_farther() -> None:
    wanted = torch.tensor([[0.0, 0.0, 10.0, 10.0]])
    near, far = torch.tensor([[20.0, 0.0, 30.0, 10.0]]), torch.tensor([[90.0, 0.0, 100.0, 10.0]])
    assert generalised_overlap_loss(near, wanted).item() == pytest.approx(1 + 1 / 3)
    assert generalised_overlap_loss(far, wanted).item() == pytest.approx(1.8)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_changes_the_recipe_only_within(name: str) -> None:
    example = Example(Path("one.jpg"), (), ((0, Box(0.4, 0.4, 0.2, 0.2)),))
    given = [example], [(640, 480)], TrainingSettings(threads=1)
    chosen, assign = _part("detector", "detector_recipe"), _part("fit", "assign")
    with changed(VARIANTS[name], iterations=7):
        recipe = _part("detector", "detector_recipe")(*given)
    assert (recipe.iterations, recipe.learnt) == (7, NEVER)
    for field, value in VARIANTS[name].recipe.items():
        assert getattr(recipe, field) == value
    assert _part("detector", "detector_recipe") is chosen
    assert _part("fit", "assign") is assign


def test_the_table_compares_with_the_default_on_the_same_cells() -> None:
    outcomes = [
        Outcome(Cell(name, 400, variant, 0), ap50, 0.5, 0.02, 100.0)
        for variant, ap50s in (("default", (0.7, 0.8)), ("giou", (0.72, 0.84)))
        for name, ap50 in zip(("bccd40", "cards40"), ap50s, strict=True)
    ]
    written = StringIO()
    Console(file=written, width=100).print(table(outcomes))
    row = next(line for line in written.getvalue().splitlines() if "GIoU" in line)
    assert row.split()[-6:-2] == ["0.720", "0.840", "0.780", "+0.030"]
