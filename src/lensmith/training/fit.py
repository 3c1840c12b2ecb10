"""The training loop of the detector."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lensmith.domain.job import Progress
from lensmith.training.assign import assign
from lensmith.training.backbone import normalised
from lensmith.training.detector_network import Detector, grids_of
from lensmith.training.device import compute_device, mixed_precision
from lensmith.training.frames import BoxedFrames
from lensmith.training.loss import detection_loss
from lensmith.training.recipe import DetectorRecipe

SMOOTHING = 0.97  # of the loss and the found share that are reported and acted upon
AVERAGED_ITERATIONS = 60  # that the averaged network looks back on
LAST_RATE = 0.02  # share of the rate that is left at the end
LARGEST_GRADIENT = 10.0
REPORT_EVERY = 5


@dataclass(frozen=True, slots=True)
class Fitted:
    network: Detector  # the average over the last iterations
    iterations: int
    loss: float  # smoothed, at the end
    found: float  # smoothed share of the boxes in training frames that were found
    stopped: str  # why cooling began


def fit(
    network: Detector,
    frames: BoxedFrames,
    recipe: DetectorRecipe,
    report: Callable[[Progress], None],
    before_cooling: Callable[[Detector], None] = lambda _: None,
) -> Fitted:
    """Train until the schedule ends; the average of the last iterations is the result.

    `before_cooling` is shown the average once, when the rate begins to fall.
    """
    device = compute_device()
    network.to(device)
    average = deepcopy(network).eval()
    optimiser = _optimiser(network, recipe)
    schedule = Schedule(recipe)
    loss_seen, found_seen = Smoothed(), Smoothed()
    points = torch.cat(grids_of(recipe.view, device))  # [a, 2]
    network.train()
    step, cooling = 0, False
    while step < schedule.end:
        if schedule.cooling(step) and not cooling:
            cooling = True
            before_cooling(average)
        for group in optimiser.param_groups:
            group["lr"] = group["full_rate"] * schedule.share(step)
        images, truth = frames.batch(recipe.batch, mosaic=0.0 if cooling else recipe.mosaic)
        truth = truth.to(device)
        with mixed_precision():
            predicted = network(normalised(images.to(device)))
        targets = assign(predicted.scores.detach(), predicted.boxes.detach(), points, truth)
        loss = detection_loss(predicted, targets, recipe.box_weight)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        step += 1
        follow(average, network, step)
        loss_seen.add(loss.item())
        found_seen.add(targets.found.item())
        schedule.consider(step, found_seen.value)
        if step % REPORT_EVERY == 0 or step == schedule.end:
            report(
                Progress(
                    "training",
                    step,
                    schedule.end,
                    loss=loss_seen.value,
                    metric=found_seen.value,
                    eta_seconds=schedule.seconds_left(step),
                )
            )
    return Fitted(average, step, loss_seen.value, found_seen.value, schedule.reason)


class Schedule:
    """Warm up, hold, cool down; when to cool depends on what has been learnt."""

    def __init__(self, recipe: DetectorRecipe) -> None:
        self._recipe = recipe
        self._started = time.monotonic()
        self._cool_from = round(recipe.iterations / (1 + recipe.cooling))
        self.end = recipe.iterations
        self.reason = "all iterations of the recipe"

    def share(self, step: int) -> float:
        """Of the full rate."""
        if step < self._recipe.warmup:
            return (step + 1) / self._recipe.warmup
        if not self.cooling(step):
            return 1.0
        done = (step - self._cool_from) / max(self.end - self._cool_from, 1)
        return LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * done)) / 2

    def cooling(self, step: int) -> bool:
        return step >= self._cool_from

    def consider(self, step: int, found: float) -> None:
        """Begin to cool when the training frames are learnt or the time is used up."""
        if self.cooling(step):
            return
        if step >= self._recipe.least_iterations and found >= self._recipe.learnt:
            self._cool(step, "the training pictures are learnt")
        elif self._elapsed() >= self._recipe.guard_seconds / (1 + self._recipe.cooling):
            self._cool(step, "the time is used up")

    def seconds_left(self, step: int) -> float:
        return self._elapsed() / step * (self.end - step)

    def _cool(self, step: int, reason: str) -> None:
        self._cool_from, self.reason = step, reason
        self.end = min(self.end, step + math.ceil(step * self._recipe.cooling))

    def _elapsed(self) -> float:
        return time.monotonic() - self._started


class Smoothed:
    """A running mean that forgets, without a bias at its start."""

    def __init__(self) -> None:
        self._sum = self._weight = 0.0

    def add(self, value: float) -> None:
        self._sum = SMOOTHING * self._sum + (1 - SMOOTHING) * value
        self._weight = SMOOTHING * self._weight + (1 - SMOOTHING)

    @property
    def value(self) -> float:
        return self._sum / self._weight if self._weight else 0.0


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, step: int) -> None:
    """Move the averaged network towards the one that learns; early on it looks back less."""
    weight = max(1 / AVERAGED_ITERATIONS, 9 / (9 + step))
    for mean, latest in zip(
        average.state_dict().values(), network.state_dict().values(), strict=True
    ):
        if mean.is_floating_point():
            mean.lerp_(latest, weight)
        else:
            mean.copy_(latest)


def _optimiser(network: Detector, recipe: DetectorRecipe) -> torch.optim.AdamW:
    """Norms and biases do not decay; the pretrained backbone moves more slowly."""
    groups = []
    for part, rate in (
        (network.backbone, recipe.backbone_rate),
        (network.pyramid, recipe.rate),
        (network.head, recipe.rate),
    ):
        learning = [p for p in part.parameters() if p.requires_grad]
        kinds: list[tuple[list[Tensor], float]] = [
            ([p for p in learning if p.dim() > 1], recipe.weight_decay),
            ([p for p in learning if p.dim() <= 1], 0.0),
        ]
        groups += [
            {"params": parameters, "full_rate": rate, "lr": rate, "weight_decay": decay}
            for parameters, decay in kinds
        ]
    return torch.optim.AdamW(groups)
