"""The training loop of detectors from the hub: their own loss, AdamW, one cosine, an average."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from lensmith.domain.job import OnProgress, Progress
from lensmith.training.data.prefetch import Prefetcher, prefetch_depth
from lensmith.training.detector.assignment import GroundTruthBoxes
from lensmith.training.detector.batches import DetectionBatchSource
from lensmith.training.device import compute_device, mixed_precision
from lensmith.training.hub_detector.detector import HubDetector
from lensmith.training.hub_detector.recipe import HubDetectorRecipe, UntrainableError
from lensmith.training.hub_detector.schedule import CosineSchedule
from lensmith.training.optimisation import ExponentialMovingAverage

AVERAGE_DECAY = 0.98  # the averaged network looks back on about 50 iterations
MAX_GRADIENT_NORM = 0.1  # as these models were trained
PACE_TRIES = 2


@dataclass(frozen=True, slots=True)
class FittedHubDetector:
    network: HubDetector  # the average over the last iterations
    iterations: int
    loss: float  # smoothed, at the end
    stopped: str  # why it went no further


def seconds_an_iteration(network: HubDetector, recipe: HubDetectorRecipe) -> float:
    """The best of some tries on blank frames; the weights stay as they are."""
    width, height = network.input_size
    images = torch.zeros(recipe.batch, height, width, 3, dtype=torch.uint8)
    corners = torch.tensor([width / 4, height / 4, width / 2, height / 2])
    truth = GroundTruthBoxes(
        corners.repeat(recipe.batch, 1, 1), torch.zeros(recipe.batch, 1, dtype=torch.int64)
    )
    network = network.to(compute_device()).train()
    times = []
    for _ in range(PACE_TRIES):
        began = time.monotonic()
        _loss(network, images, truth).backward()  # type: ignore[no-untyped-call]
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
) -> FittedHubDetector:
    """Train until the schedule ends, one iteration at least.

    The network itself is changed and stays on the device that computes. Raises UntrainableError.
    """
    network = network.to(compute_device())
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE_DECAY))  # type: ignore[no-untyped-call]
    optimiser = _optimiser(network, recipe)
    loss_seen, step = ExponentialMovingAverage(), 0
    network.train()
    with Prefetcher(batches, prefetch_depth(compute_device())) as ahead:
        while step < schedule.end:
            step += 1
            for group in optimiser.param_groups:
                group["lr"] = group["full_rate"] * schedule.lr_factor(step)
            loss = _loss(network, *ahead.batch(recipe.batch, schedule.mosaic(step)))
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), MAX_GRADIENT_NORM)
            optimiser.step()
            average.update_parameters(network)
            loss_seen.add(loss.item())
            schedule.consider(step)
            left = schedule.seconds_left(step)
            on_progress(Progress("training", step, schedule.end, loss_seen.value, eta_seconds=left))
    averaged = average.module
    assert isinstance(averaged, HubDetector)
    return FittedHubDetector(averaged.eval(), step, loss_seen.value, schedule.reason)


def _loss(network: HubDetector, images: Tensor, truth: GroundTruthBoxes) -> Tensor:
    """Raises UntrainableError when it is no number."""
    device = compute_device()
    try:
        with mixed_precision():
            loss = network.loss(images.to(device), truth.to(device))
    except ValueError as error:  # boxes that are no numbers cannot be matched
        raise UntrainableError("its training diverged.") from error
    if not loss.isfinite():
        raise UntrainableError("its training diverged.")
    return loss


def _optimiser(network: HubDetector, recipe: HubDetectorRecipe) -> torch.optim.AdamW:
    """Norms and biases do not decay; the pretrained backbone moves more slowly."""
    groups = []
    learning_rates = (recipe.backbone_learning_rate, recipe.learning_rate)
    for part, learning_rate in zip(network.parts(), learning_rates, strict=True):
        for matrices, decay in ((True, recipe.weight_decay), (False, 0.0)):
            parameters = [parameter for parameter in part if (parameter.dim() > 1) is matrices]
            groups.append(
                {
                    "params": parameters,
                    "full_rate": learning_rate,
                    "lr": learning_rate,
                    "weight_decay": decay,
                }
            )
    return torch.optim.AdamW(groups)
