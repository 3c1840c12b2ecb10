from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.random import default_rng

from lensmith.training.detector.assignment import (
    CANDIDATES,
    GroundTruthBoxes,
    TaskAlignedAssigner,
    box_iou,
)
from lensmith.training.detector.loss import detection_loss, diou_loss, varifocal_loss
from lensmith.training.detector.network import Predictions


def grid(side: int = 64, stride: int = 8) -> torch.Tensor:
    steps = (torch.arange(side // stride) + 0.5) * stride
    return torch.cartesian_prod(steps, steps).flip(1)


def around(points: torch.Tensor, half: float) -> torch.Tensor:
    return torch.cat([points - half, points + half], -1)[None]


def test_overlaps_agree_with_counted_pixels() -> None:
    rng = default_rng(0)
    corners = rng.integers(0, 20, (2, 5, 2))
    boxes = np.concatenate([corners, corners + rng.integers(1, 20, (2, 5, 2))], -1)

    def pixels(box: np.ndarray) -> np.ndarray:
        canvas = np.zeros((40, 40), bool)
        canvas[box[1] : box[3], box[0] : box[2]] = True
        return canvas

    ours, theirs = (torch.from_numpy(part).float()[None] for part in boxes)
    counted = [
        [(pixels(a) & pixels(b)).sum() / (pixels(a) | pixels(b)).sum() for b in boxes[1]]
        for a in boxes[0]
    ]
    np.testing.assert_allclose(box_iou(ours, theirs)[0].numpy(), counted, rtol=1e-5)


def test_predictions_inside_answer_and_the_best_scores_its_overlap() -> None:
    points = grid()
    predicted = around(points, 16.0)
    truth = GroundTruthBoxes(torch.tensor([[[12.0, 12.0, 44.0, 44.0]]]), torch.tensor([[1]]))
    targets = TaskAlignedAssigner()(torch.full((1, 64, 3), 0.5), predicted, points, truth)
    answering = (targets.quality > 0)[0]
    assert 0 < int(answering.sum()) <= CANDIDATES
    assert (((points[answering] > 12) & (points[answering] < 44)).all(1)).all()
    assert (targets.labels[0, answering] == 1).all()
    best = box_iou(truth.boxes, predicted).max()
    torch.testing.assert_close(targets.quality.max(), best)


def test_padding_is_answered_by_nothing() -> None:
    points = grid()
    truth = GroundTruthBoxes(torch.zeros(2, 3, 4), torch.full((2, 3), -1))
    targets = TaskAlignedAssigner()(
        torch.full((2, 64, 3), 0.5), around(points, 16.0).expand(2, -1, -1), points, truth
    )
    assert targets.quality.sum() == 0
    assert targets.recall == 0


def test_a_box_smaller_than_a_cell_is_still_answered_for() -> None:
    points = grid()
    truth = GroundTruthBoxes(torch.tensor([[[14.0, 14.0, 18.0, 18.0]]]), torch.tensor([[0]]))
    targets = TaskAlignedAssigner()(torch.full((1, 64, 1), 0.5), around(points, 4.0), points, truth)
    assert targets.quality.max() > 0


def test_a_prediction_answers_for_one_box_only() -> None:
    points = grid()
    boxes = torch.tensor([[[8.0, 8.0, 40.0, 40.0], [16.0, 16.0, 48.0, 48.0]]])
    targets = TaskAlignedAssigner()(
        torch.full((1, 64, 2), 0.5),
        around(points, 16.0),
        points,
        GroundTruthBoxes(boxes, torch.tensor([[0, 1]])),
    )
    answering = targets.quality[0] > 0
    assert set(targets.labels[0, answering].tolist()) == {0, 1}


def test_found_counts_boxes_that_are_overlapped_and_scored() -> None:
    points = grid()
    predicted = around(points, 16.0)
    boxes = torch.stack([predicted[0, 20], torch.tensor([0.0, 0.0, 9.0, 9.0])])[None]
    truth = GroundTruthBoxes(boxes, torch.tensor([[0, 0]]))
    assert (
        TaskAlignedAssigner()(torch.full((1, 64, 1), 0.9), predicted, points, truth).recall == 0.5
    )
    assert TaskAlignedAssigner()(torch.full((1, 64, 1), 0.1), predicted, points, truth).recall == 0


def test_box_loss_is_nothing_for_a_hit_and_grows_with_distance() -> None:
    wanted = torch.tensor([[0.0, 0.0, 10.0, 10.0]]).expand(3, 4)
    boxes = wanted + torch.tensor([0.0, 20.0, 40.0])[:, None]
    hit, near, far = diou_loss(boxes, wanted).tolist()
    assert hit == pytest.approx(0.0)
    assert 1 < near < far


def test_score_loss_is_least_at_the_wanted_score() -> None:
    logits = torch.linspace(-6, 6, 241)
    wanted = torch.full_like(logits, 0.7)
    best = logits[varifocal_loss(logits, wanted).argmin()].sigmoid()
    assert float(best) == pytest.approx(0.7, abs=0.02)


def test_a_batch_without_boxes_teaches_the_background() -> None:
    points = grid()
    objectness = torch.zeros(1, 64, requires_grad=True)
    predicted = Predictions(objectness, torch.zeros(1, 64, 2), around(points, 8.0))
    truth = GroundTruthBoxes(torch.zeros(1, 1, 4), torch.full((1, 1), -1))
    targets = TaskAlignedAssigner()(predicted.scores.detach(), predicted.boxes, points, truth)
    detection_loss(predicted, targets, box_weight=2.0).backward()  # type: ignore[no-untyped-call]
    assert objectness.grad is not None
    assert (objectness.grad > 0).all()


def test_naming_is_taught_where_a_thing_is_only() -> None:
    points = grid()
    labels = torch.zeros(1, 64, 2, requires_grad=True)
    predicted = Predictions(torch.zeros(1, 64), labels, around(points, 16.0))
    truth = GroundTruthBoxes(torch.tensor([[[12.0, 12.0, 44.0, 44.0]]]), torch.tensor([[1]]))
    targets = TaskAlignedAssigner()(predicted.scores.detach(), predicted.boxes, points, truth)
    detection_loss(predicted, targets, box_weight=2.0).backward()  # type: ignore[no-untyped-call]
    assert labels.grad is not None
    taught = (labels.grad != 0).any(-1)
    assert torch.equal(taught, targets.quality > 0)
    assert (labels.grad[taught][:, 1] < 0).all()
