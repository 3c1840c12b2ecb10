"""The training loop of detectors from the hub: their own loss, AdamW, one cosine, an average."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from lensmith.domain.errors import LensmithError
from lensmith.domain.job import Progress
from lensmith.training.assign import Truth
from lensmith.training.device import compute_device, mixed_precision
from lensmith.training.fine_tuning import rate_share
from lensmith.training.fit import REPORT_EVERY, Smoothed
from lensmith.training.frames import BoxedFrames
from lensmith.training.hub_detector import HubDetector

PASSES, MORE_SHARE = 24, 1 / 3  # over all pictures; more of that with the held-out ones
FEWEST_ITERATIONS, MOST_ITERATIONS = 200, 2500
AVERAGE_DECAY = 0.98  # the averaged network looks back on about 50 iterations
LARGEST_GRADIENT = 0.1  # as these models were trained
LEAST_SHARE = 1 / 3  # of the recipe's iterations, below which training is not tried
PACE_TRIES = 2

Report = Callable[[Progress], None]


class UntrainableError(LensmithError):
    """A detector did not come through its training; the message is for the training report."""


@dataclass(frozen=True, slots=True)
class HubDetectorRecipe:
    """Rates are those that D-FINE and RT-DETR are published with, for their smaller batches."""

    iterations: int  # without the held-out pictures, to be judged on them
    more_iterations: int  # on all pictures, when it was judged to be better
    batch: int = 4
    rate: float = 2e-4
    backbone_rate: float = 2e-5
    weight_decay: float = 1e-4
    warmup: int = 30
    mosaic: float = 0.5  # share of frames made of four pictures
    plain_end: float = 0.25  # share of the iterations, at the end, without mosaics


def hub_detector_recipe(pictures: int) -> HubDetectorRecipe:
    recipe = HubDetectorRecipe(0, 0)
    wanted = math.ceil(PASSES * pictures / recipe.batch)
    iterations = min(max(wanted, FEWEST_ITERATIONS), MOST_ITERATIONS)
    return replace(recipe, iterations=iterations, more_iterations=round(MORE_SHARE * iterations))


def cut_to(
    recipe: HubDetectorRecipe, seconds_an_iteration: float, seconds: float
) -> HubDetectorRecipe:
    """The recipe whose first part fits into the seconds.

    Raises UntrainableError when that is too little of it.
    """
    wanted = recipe.iterations * seconds_an_iteration
    share = min(seconds / wanted, 1.0)
    if share < LEAST_SHARE:
        raise UntrainableError(
            f"learning would take it about {wanted / 60:.0f} minutes here, and may take "
            f"{seconds / 60:.0f}; LENSMITH_TRAINING_BUDGET allows more."
        )
    return replace(
        recipe,
        iterations=max(round(recipe.iterations * share), 1),
        more_iterations=round(recipe.more_iterations * share),
    )


def seconds_an_iteration(network: HubDetector, recipe: HubDetectorRecipe) -> float:
    """The best of some tries on blank frames; the weights stay as they are."""
    width, height = network.frame
    images = torch.zeros(recipe.batch, height, width, 3, dtype=torch.uint8)
    corners = torch.tensor([width / 4, height / 4, width / 2, height / 2])
    truth = Truth(
        corners.repeat(recipe.batch, 1, 1), torch.zeros(recipe.batch, 1, dtype=torch.int64)
    )
    network = network.to(compute_device()).train()
    times = []
    for _ in range(PACE_TRIES):
        began = time.monotonic()
        _loss(network, images, truth).backward()  # type: ignore[no-untyped-call]
        network.zero_grad()
        times.append(time.monotonic() - began)
    return min(times)


def fit_hub_detector(
    network: HubDetector,
    frames: BoxedFrames,
    recipe: HubDetectorRecipe,
    iterations: int,
    report: Report,
) -> HubDetector:
    """Train the network, and answer with the average over the last iterations.

    The network itself is changed and stays on the device that computes. Raises UntrainableError.
    """
    network = network.to(compute_device())
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE_DECAY))  # type: ignore[no-untyped-call]
    optimiser = _optimiser(network, recipe)
    loss_seen = Smoothed()
    network.train()
    began = time.monotonic()
    for step in range(1, iterations + 1):
        for group in optimiser.param_groups:
            group["lr"] = group["full_rate"] * rate_share(step, iterations, recipe.warmup)
        plain = step > (1 - recipe.plain_end) * iterations
        loss = _loss(network, *frames.batch(recipe.batch, 0.0 if plain else recipe.mosaic))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        average.update_parameters(network)
        loss_seen.add(loss.item())
        if step % REPORT_EVERY == 0 or step == iterations:
            left = (time.monotonic() - began) / step * (iterations - step)
            report(Progress("training", step, iterations, loss=loss_seen.value, eta_seconds=left))
    averaged = average.module
    assert isinstance(averaged, HubDetector)
    return averaged.eval()


def _loss(network: HubDetector, images: Tensor, truth: Truth) -> Tensor:
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
    rates = (recipe.backbone_rate, recipe.rate)
    for part, rate in zip(network.parts(), rates, strict=True):
        for matrices, decay in ((True, recipe.weight_decay), (False, 0.0)):
            parameters = [parameter for parameter in part if (parameter.dim() > 1) is matrices]
            groups.append(
                {"params": parameters, "full_rate": rate, "lr": rate, "weight_decay": decay}
            )
    return torch.optim.AdamW(groups)
