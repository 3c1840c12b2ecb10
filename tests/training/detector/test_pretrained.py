"""A detector that begins with the bundled weights sees things before it has learnt any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.random import Generator, default_rng
from PIL import Image, ImageDraw
from sklearn.metrics import roc_auc_score
from torch import Tensor

from lensmith.training.backbone import BackboneName, load_backbone, normalised
from lensmith.training.detector.network import STRIDES, Detector, grids_of
from lensmith.training.detector.pretrained import START_FILES, load_start, save_start

SIDE = 192
SCENES = 6


EVERY_START = pytest.mark.parametrize("backbone", START_FILES)


@EVERY_START
def test_every_weight_of_the_pyramid_and_the_head_begins_elsewhere_but_for_the_labels(
    backbone: BackboneName,
) -> None:
    random, started = _detector(backbone), _detector(backbone)
    load_start(started, START_FILES[backbone])
    before, after = random.state_dict(), started.state_dict()
    same = {name for name, weight in before.items() if torch.equal(weight, after[name])}
    counts = {name for name in before if name.endswith("num_batches_tracked")}
    pretrained = {name for name in before if name.startswith("backbone.")}
    assert same == pretrained | counts | {"priors", "head.label.weight", "head.label.bias"}


def test_the_bundled_files_are_small() -> None:
    assert sum(file.stat().st_size for file in START_FILES.values()) < 4_000_000


@EVERY_START
def test_what_is_written_is_what_is_read_whatever_the_labels(
    backbone: BackboneName, tmp_path: Path
) -> None:
    written, read = _detector(backbone, labels=7), _detector(backbone, labels=2)
    load_start(written, START_FILES[backbone])
    save_start(written, tmp_path / "again.npz")
    load_start(read, tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == START_FILES[backbone].read_bytes()
    assert torch.equal(read.head.objectness.weight, written.head.objectness.weight)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    with np.load(START_FILES[BackboneName.LITE0]) as stored:
        weights = dict(stored)
    del weights["head.box.bias"]
    np.savez(tmp_path / "fewer.npz", allow_pickle=False, **weights)
    with pytest.raises(ValueError, match=r"head\.box\.bias"):
        load_start(_detector(BackboneName.LITE0), tmp_path / "fewer.npz")


def test_weights_for_another_backbone_are_refused() -> None:
    with pytest.raises(RuntimeError, match=r"size mismatch for pyramid\.lateral"):
        load_start(_detector(BackboneName.LITE2), START_FILES[BackboneName.LITE0])


@EVERY_START
def test_points_on_things_never_seen_score_higher_than_the_ground(backbone: BackboneName) -> None:
    rng = default_rng(0)
    pictures, boxes = zip(*(_drawn(rng) for _ in range(SCENES)), strict=True)
    frames, on_things = torch.from_numpy(np.stack(pictures)), _on_things(boxes)
    started, random = _detector(backbone), _detector(backbone)
    load_start(started, START_FILES[backbone])
    without_start = _ranking(random, frames, on_things)
    assert _ranking(started, frames, on_things) > max(0.8, without_start)


def _detector(backbone: BackboneName, labels: int = 3) -> Detector:
    torch.manual_seed(0)
    priors = torch.tensor([[2.5 * stride] * 2 for stride in STRIDES])
    return Detector(load_backbone(backbone), labels, priors).eval()


@torch.no_grad()
def _ranking(network: Detector, frames: Tensor, on_things: Tensor) -> float:
    """Chance that a point on a thing scores higher than one on the ground (area under ROC)."""
    objectness = network(normalised(frames)).objectness
    return float(roc_auc_score(on_things.flatten(), objectness.flatten()))


def _on_things(boxes: tuple[list[float], ...]) -> Tensor:
    """Whether each point is in the middle part of its scene's box, [n, points]."""
    points = torch.cat(grids_of((SIDE, SIDE), torch.device("cpu")))
    corners = torch.tensor(boxes)[:, None]  # [n, 1, 4]
    centres, sides = (corners[..., :2] + corners[..., 2:]) / 2, corners[..., 2:] - corners[..., :2]
    return ((points - centres).abs() < sides / 4).all(-1)


def _drawn(
    rng: Generator,
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.uint8]], list[float]]:
    """A lorry of random colours and size on uneven ground, and the box around it."""
    ground = rng.integers(60, 200, (4, 4, 3)).astype(np.uint8)
    picture = Image.fromarray(ground).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    width = int(rng.integers(40, 90))
    left, top = (int(corner) for corner in rng.integers(10, SIDE - width - 10, 2))
    third = width // 3
    box = (left, top, left + 3 * third, top + 2 * third)
    draw = ImageDraw.Draw(picture)
    body, cab, wheel = (tuple(map(int, colour)) for colour in rng.integers(0, 256, (3, 3)))
    draw.rectangle((left, top, left + 2 * third, top + 5 * third // 3), fill=body)
    draw.rectangle((left + 2 * third, top + third // 2, box[2], top + 5 * third // 3), fill=cab)
    for start in (left, left + 2 * third):
        draw.ellipse((start, top + third, start + third, box[3]), fill=wheel)
    return np.asarray(picture), [float(corner) for corner in box]
