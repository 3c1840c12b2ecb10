"""The ablation of the detector's recipe: each variant changes what it says and nothing after it."""

from __future__ import annotations

from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from faster_coco_eval.core.mask import iou as coco_iou
from numpy.random import default_rng
from research.ablation import pasting
from research.ablation.adapted_recipes import batches_larger, frames_scaled
from research.ablation.assignments import centre_sampling, simota, strides_of
from research.ablation.box_losses import generalised_overlap_loss, overlap_loss
from research.ablation.forgiving import forgiving_varifocal_loss
from research.ablation.lost_labels import without_some_boxes
from research.ablation.pasting import PastingFrames, hidden, pasted
from research.ablation.report import table
from research.ablation.results import Experiment, Outcome
from research.ablation.schedules import CosineThroughout
from research.ablation.side_distributions import (
    BINS,
    SpreadDetector,
    distribution_focal_loss,
    load_start_but_sides,
    wanted_strides,
)
from research.ablation.variants import NEVER, VARIANTS, changed, recipe_of
from rich.console import Console
from tests.training.drawn import SHAPES, SIDES, drawn_examples

from lensmith.domain.geometry import Box
from lensmith.inference.predictor import Predictor
from lensmith.training.backbone import BackboneName, load_backbone
from lensmith.training.budget import TimeBudget
from lensmith.training.data.augment import Scene
from lensmith.training.data.example import Example
from lensmith.training.detector.assignment import GroundTruthBoxes
from lensmith.training.detector.loss import varifocal_loss
from lensmith.training.detector.network import STRIDES, Detector, grids_of
from lensmith.training.detector.pretrained import START_FILES, load_start
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector.schedule import Schedule
from lensmith.training.settings import TrainingSettings

FRAME = (320, 320)
POINTS = torch.cat(grids_of(FRAME, torch.device("cpu")))
RECIPE = DetectorRecipe((512, 384), (320, 320), iterations=100, guard_seconds=1e9)
LARGE, SMALL = [40.0, 40.0, 280.0, 280.0], [200.0, 200.0, 224.0, 224.0]


def _truth() -> GroundTruthBoxes:
    return GroundTruthBoxes(torch.tensor([[LARGE, SMALL, [0.0] * 4]]), torch.tensor([[1, 0, -1]]))


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
    assign, settings = _part("detector.fit", "assign"), TrainingSettings(threads=1)
    with changed(VARIANTS[name]):
        recipe = recipe_of(VARIANTS[name], [example], [(640, 480)], settings, iterations=8)
    assert recipe.stop_recall == NEVER
    more = 2 if name == "large" else 1  # pictures a batch, which all others make up for
    assert recipe.iterations * recipe.batch == more * 8 * RECIPE.batch
    assert _part("detector.fit", "assign") is assign


def test_the_table_compares_with_the_default_on_the_same_cells() -> None:
    outcomes = [
        Outcome(Experiment(name, 400, variant, 0), ap50, 0.5, 0.02, 100.0)
        for variant, ap50s in (("default", (0.7, 0.8)), ("giou", (0.72, 0.84)))
        for name, ap50 in zip(("bccd40", "cards40"), ap50s, strict=True)
    ]
    written = StringIO()
    Console(file=written, width=100).print(table(outcomes))
    row = next(line for line in written.getvalue().splitlines() if "GIoU" in line)
    assert row.split()[-6:-2] == ["0.720", "0.840", "0.780", "+0.030"]


def test_distributions_say_where_sides_are() -> None:
    network = SpreadDetector(load_backbone(BackboneName.LITE0), 2, torch.ones(3, 2)).eval()
    load_start_but_sides(network, START_FILES[BackboneName.LITE0])
    assert network.head.box.bias is not None
    with torch.no_grad():
        network.head.box.weight.zero_()
        network.head.box.bias.copy_(100.0 * torch.eye(BINS)[[1, 2, 3, 4]].flatten())
        boxes = network(torch.zeros(1, 3, 320, 320)).boxes[0]
    away = torch.cat([POINTS - boxes[:, :2], boxes[:, 2:] - POINTS], -1)
    expected = strides_of(POINTS)[:, None] * torch.tensor([1.0, 2.0, 3.0, 4.0])
    torch.testing.assert_close(away, expected)


def test_distributions_begin_with_the_start_of_all_other_layers() -> None:
    backbone = load_backbone(BackboneName.LITE0)
    network = SpreadDetector(backbone, 2, torch.ones(3, 2))
    usual = Detector(backbone, 2, torch.ones(3, 2))
    load_start_but_sides(network, START_FILES[BackboneName.LITE0])
    load_start(usual, START_FILES[BackboneName.LITE0])
    ours, theirs = network.state_dict(), usual.state_dict()
    others = {name for name in theirs if not name.startswith(("head.box.", "head.label."))}
    assert all(torch.equal(ours[name], theirs[name]) for name in others - {"priors"})
    assert ours["head.box.weight"].shape[0] == 4 * BINS


def test_the_focal_loss_is_least_where_the_two_bins_share_the_truth() -> None:
    wanted = torch.full((1, 4), 2.25)
    right = torch.full((1, 4, BINS), -50.0)
    right[..., 2], right[..., 3] = np.log(0.75), np.log(0.25)
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert distribution_focal_loss(right, wanted).item() == pytest.approx(entropy, abs=1e-4)
    assert distribution_focal_loss(right.roll(1, -1), wanted).item() > entropy


def test_sides_beyond_the_bins_are_wanted_at_the_last() -> None:
    boxes, points = torch.tensor([[[0.0, 8.0, 900.0, 24.0]]]), torch.tensor([[12.0, 12.0]])
    wanted = wanted_strides(boxes, points, torch.tensor([[8.0]]))
    torch.testing.assert_close(wanted, torch.tensor([[[1.5, 0.5, BINS - 1.01, 1.5]]]))


def _scene(side: int, grey: int, *boxes: list[float]) -> Scene:
    pixels = np.full((side, side, 3), grey, np.uint8)
    return Scene(pixels, np.array(boxes, np.float32), np.arange(len(boxes)))


def test_a_pasted_thing_brings_its_box_and_covers_what_is_under_it() -> None:
    under, thing = _scene(100, 10, [0.0, 0.0, 40.0, 40.0]), _scene(20, 200, [0.0, 0.0, 20.0, 20.0])
    assert hidden(under.boxes, thing, (30, 20)).tolist() == [pytest.approx(200 / 1600)]
    scene = pasted(under, thing, (30, 20))
    assert scene.boxes.tolist() == [[0.0, 0.0, 40.0, 40.0], [30.0, 20.0, 50.0, 40.0]]
    assert scene.pixels[30, 40].tolist() == [200] * 3
    assert scene.pixels[19, 40].tolist() == scene.pixels[30, 50].tolist() == [10] * 3
    assert (under.pixels == 10).all()


def test_things_are_pasted_while_there_are_mosaics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pasting, "PASTED_INTO", 1.0)
    examples = drawn_examples(tmp_path, 6, (1, 2), seed=1)
    frames = PastingFrames(examples, (320, 320), (320, 320), default_rng(2))
    shown = [(frames.batch(20, mosaic)[1].labels >= 0).sum().item() for mosaic in (1e-9, 0.0)]
    assert shown[0] > 1.3 * shown[1]


def test_a_third_of_the_boxes_is_lost_and_no_picture(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 6, (0, 4), seed=1)
    fewer = without_some_boxes(examples)
    assert [example.image for example in fewer] == [example.image for example in examples]
    before, after = (sum(len(example.boxes) for example in those) for those in (examples, fewer))
    assert after == before - round(before / 3)
    assert all(set(one.boxes) <= set(all_.boxes) for one, all_ in zip(fewer, examples, strict=True))


def test_sure_background_is_forgiven_and_nothing_else() -> None:
    logits, wanted = torch.tensor([-3.0, 0.0, 4.0, 4.0]), torch.tensor([0.0, 0.0, 0.0, 0.8])
    usual, forgiven = varifocal_loss(logits, wanted), forgiving_varifocal_loss(logits, wanted)
    assert torch.equal(usual[[0, 1, 3]], forgiven[[0, 1, 3]])
    assert forgiven[2] < usual[2] / 10


def test_the_cosine_falls_from_the_warm_up_on() -> None:
    unlimited = TimeBudget.from_now(1e9)
    usual, cosine = Schedule(RECIPE, unlimited), CosineThroughout(RECIPE, unlimited)
    shares = [cosine.lr_factor(step) for step in range(100)]
    assert shares[: RECIPE.warmup] == [usual.lr_factor(step) for step in range(RECIPE.warmup)]
    assert shares[RECIPE.warmup :] == sorted(shares[RECIPE.warmup :], reverse=True)
    assert shares[70] == pytest.approx(0.51, abs=0.01)
    assert [cosine.is_decaying(step) for step in range(100)] == [
        usual.is_decaying(step) for step in range(100)
    ]


def test_adapted_recipes_see_the_same_pictures() -> None:
    larger = frames_scaled(4 / 3)(RECIPE)
    assert (larger.input_size, larger.view) == ((672, 512), (416, 416))
    double = batches_larger(2)(RECIPE)
    assert (double.batch, double.iterations, double.warmup) == (8, 50, 20)
    assert double.learning_rate == pytest.approx(RECIPE.learning_rate * 2**0.5)


@pytest.mark.parametrize("name", ["focal_distribution", "copy_paste", "cosine"])
def test_a_variant_trains_and_is_served(name: str, tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 4, (1, 2), seed=1)
    settings = TrainingSettings(threads=1)
    recipe = recipe_of(VARIANTS[name], examples, [SIDES] * 4, settings, iterations=2)
    with changed(VARIANTS[name]):
        _part("detector.train", "train_detector")(
            examples, SHAPES, tmp_path, settings, lambda _: None, recipe=recipe
        )
    answer = Predictor.open(tmp_path, threads=1).predict(examples[0].image.read_bytes())
    assert all(found.box is not None for found in answer.detections)
