"""The training loop of detectors of the hub, with their own loss."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lensmith.domain.job import OnProgress, Progress
from lensmith.domain.training_phase import TrainingPhase
from lensmith.domain.training_report import EndReason
from lensmith.training.data.prefetch import Prefetcher, prefetch_depth
from lensmith.training.detector.assignment import GroundTruthBoxes
from lensmith.training.detector.batches import DetectionBatchSource
from lensmith.training.device import Machine, this_machine
from lensmith.training.errors import DivergedError
from lensmith.training.hub_detector.detector import HubDetector
from lensmith.training.hub_detector.recipe import HubDetectorRecipe
from lensmith.training.hub_detector.schedule import CosineSchedule
from lensmith.training.optimisation import Optimisation

EMA_DECAY = 0.98  # the averaged network looks back on about 50 iterations
MAX_GRADIENT_NORM = 0.1  # as these models were trained
PACE_TRIES = 2


@dataclass(frozen=True, slots=True)
class FittedHubDetector:
    network: HubDetector  # the average over the last iterations
    iterations: int
    loss: float  # smoothed, at the end
    ending: EndReason
    pace: float  # seconds an iteration


def seconds_an_iteration(
    network: HubDetector, recipe: HubDetectorRecipe, machine: Machine
) -> float:
    """Measure an iteration on blank images: the best of some tries. The weights stay the same."""
    width, height = network.input_size
    images = torch.zeros(recipe.batch, height, width, 3, dtype=torch.uint8)
    corners = torch.tensor([width / 4, height / 4, width / 2, height / 2])
    truth = GroundTruthBoxes(
        corners.repeat(recipe.batch, 1, 1), torch.zeros(recipe.batch, 1, dtype=torch.int64)
    )
    network = network.to(machine.device).train()
    times = []
    for _ in range(PACE_TRIES):
        began = time.monotonic()
        _loss(network, images, truth, machine).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), MAX_GRADIENT_NORM).item()  # waits for it
        network.zero_grad()
        times.append(time.monotonic() - began)
    return min(times)


def fit_hub_detector(
    network: HubDetector,
    batches: DetectionBatchSource,
    recipe: HubDetectorRecipe,
    schedule: CosineSchedule,
    on_progress: OnProgress,
    machine: Machine | None = None,
) -> FittedHubDetector:
    """Train until the schedule ends, one iteration at least.

    The network itself is changed and stays on the compute device. Raises DivergedError.
    """
    machine = machine or this_machine()
    network = network.to(machine.device)
    learning_rates = (recipe.backbone_learning_rate, recipe.learning_rate)
    optimisation = Optimisation(
        network,
        zip(network.parts(), learning_rates, strict=True),
        recipe.weight_decay,
        max_gradient_norm=MAX_GRADIENT_NORM,
        ema_weight=ema_weight,
    )
    step = 0
    network.train()
    with Prefetcher(batches, prefetch_depth(machine.device)) as ahead:
        while step < schedule.end:
            step += 1
            images, truth = ahead.batch(recipe.batch, schedule.mosaic(step))
            step_loss = _loss(network, images, truth, machine, step)
            optimisation.step(step_loss, schedule.lr_factor(step))
            schedule.consider(step)
            left, loss = schedule.seconds_left(step), optimisation.loss.value
            on_progress(
                Progress(TrainingPhase.TRAINING, step, schedule.end, loss, eta_seconds=left)
            )
    return FittedHubDetector(
        optimisation.average,
        step,
        optimisation.loss.value,
        schedule.reason,
        schedule.pace(step),
    )


def ema_weight(step: int) -> float:
    """Weight of the latest network after `step` iterations, from 1; the first one is copied."""
    return 1.0 if step == 1 else 1 - EMA_DECAY


def _loss(
    network: HubDetector, images: Tensor, truth: GroundTruthBoxes, machine: Machine, step: int = 0
) -> Tensor:
    """Raises DivergedError when its boxes are no numbers, which cannot be matched."""
    device = machine.device
    try:
        with machine.mixed_precision():
            return network.loss(images.to(device), truth.to(device))
    except ValueError as error:
        raise DivergedError(step) from error
