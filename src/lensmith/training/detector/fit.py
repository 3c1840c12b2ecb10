"""The training loop of the detector."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lensmith.domain.job import OnProgress, Progress
from lensmith.training.backbone import normalised
from lensmith.training.budget import TimeBudget
from lensmith.training.data.prefetch import Prefetcher, prefetch_depth
from lensmith.training.detector.assignment import TaskAlignedAssigner
from lensmith.training.detector.batches import DetectionBatchSource
from lensmith.training.detector.loss import detection_loss
from lensmith.training.detector.network import Detector, grids_of
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector.schedule import Schedule
from lensmith.training.device import compute_device, mixed_precision
from lensmith.training.optimisation import (
    MAX_GRADIENT_NORM,
    REPORT_EVERY,
    ExponentialMovingAverage,
    update_ema,
)

assign = TaskAlignedAssigner()


@dataclass(frozen=True, slots=True)
class Fitted:
    network: Detector  # the average over the last iterations
    iterations: int
    loss: float  # smoothed, at the end
    recall: float  # smoothed, of the boxes in training images
    stopped: str  # why training ended


def fit(
    network: Detector,
    batches: DetectionBatchSource,
    recipe: DetectorRecipe,
    budget: TimeBudget,
    on_progress: OnProgress,
    before_decay: Callable[[Detector], None] = lambda _: None,
) -> Fitted:
    """Train until the schedule ends; return the exponential moving average of the weights.

    `before_decay` is called once with the average, when the learning rate begins to decay, and may
    change the source of the batches. All of it ends within the budget, up to the iteration under
    way.
    """
    with Prefetcher(batches, prefetch_depth(compute_device())) as ahead:

        def between_batches(average: Detector) -> None:
            ahead.flush()
            before_decay(average)

        return _learn(network, ahead, recipe, budget, on_progress, between_batches)


def _learn(
    network: Detector,
    batches: DetectionBatchSource,
    recipe: DetectorRecipe,
    budget: TimeBudget,
    on_progress: OnProgress,
    before_decay: Callable[[Detector], None],
) -> Fitted:
    device = compute_device()
    network.to(device)
    average = deepcopy(network).eval()
    optimiser = _optimiser(network, recipe)
    schedule = Schedule(recipe, budget)
    loss_seen, recall_seen = ExponentialMovingAverage(), ExponentialMovingAverage()
    points = torch.cat(grids_of(recipe.view, device))  # [a, 2]
    network.train()
    step, decaying = 0, False
    while step < schedule.end:
        if schedule.is_decaying(step) and not decaying:
            decaying = True
            with schedule.paused():
                before_decay(average)
        for group in optimiser.param_groups:
            group["lr"] = group["full_rate"] * schedule.lr_factor(step)
        images, truth = batches.batch(recipe.batch, mosaic=0.0 if decaying else recipe.mosaic)
        truth = truth.to(device)
        with mixed_precision():
            predicted = network(normalised(images.to(device)))
        targets = assign(predicted.scores.detach(), predicted.boxes.detach(), points, truth)
        loss = detection_loss(predicted, targets, recipe.box_weight)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), MAX_GRADIENT_NORM)
        optimiser.step()
        step += 1
        update_ema(average, network, step)
        loss_seen.add(loss.item())
        recall_seen.add(targets.recall.item())
        schedule.consider(step, recall_seen.value)
        if step % REPORT_EVERY == 0 or step == schedule.end:
            on_progress(
                Progress(
                    "training",
                    step,
                    schedule.end,
                    loss=loss_seen.value,
                    metric=recall_seen.value,
                    eta_seconds=schedule.seconds_left(step),
                )
            )
    return Fitted(average, step, loss_seen.value, recall_seen.value, schedule.reason)


def _optimiser(network: Detector, recipe: DetectorRecipe) -> torch.optim.AdamW:
    """Norms and biases do not decay; the pretrained backbone moves more slowly."""
    groups = []
    for part, learning_rate in (
        (network.backbone, recipe.backbone_learning_rate),
        (network.pyramid, recipe.learning_rate),
        (network.head, recipe.learning_rate),
    ):
        learning = [p for p in part.parameters() if p.requires_grad]
        kinds: list[tuple[list[Tensor], float]] = [
            ([p for p in learning if p.dim() > 1], recipe.weight_decay),
            ([p for p in learning if p.dim() <= 1], 0.0),
        ]
        groups += [
            {
                "params": parameters,
                "full_rate": learning_rate,
                "lr": learning_rate,
                "weight_decay": decay,
            }
            for parameters, decay in kinds
        ]
    return torch.optim.AdamW(groups)
