"""The training loop of the detector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from lensmith.domain.job import OnProgress, Progress
from lensmith.domain.training_phase import TrainingPhase
from lensmith.domain.training_report import Cut, EndReason
from lensmith.training.backbone import PyramidStart
from lensmith.training.budget import TimeBudget
from lensmith.training.data.prefetch import BatchSource, Prefetcher, prefetch_depth
from lensmith.training.detector.assignment import GroundTruthBoxes, TaskAlignedAssigner
from lensmith.training.detector.batches import DetectionBatchSource
from lensmith.training.detector.frozen import FrozenStages, StartedBatches
from lensmith.training.detector.loss import detection_loss
from lensmith.training.detector.network import Detector, grids_of
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector.schedule import Schedule
from lensmith.training.device import Machine, this_machine
from lensmith.training.optimisation import (
    ExponentialMovingAverage,
    Optimisation,
    Part,
    is_reported,
)
from lensmith.training.threads import ComputeThreads, compute_threads

assign = TaskAlignedAssigner()


@dataclass(frozen=True, slots=True)
class Fitted:
    network: Detector  # the average over the last iterations
    iterations: int
    loss: float  # smoothed, at the end
    recall: float  # smoothed, of the boxes in training images
    ending: EndReason
    cut: Cut | None  # by the budget
    device: torch.device  # that it was trained on


def fit(
    network: Detector,
    batches: DetectionBatchSource,
    recipe: DetectorRecipe,
    budget: TimeBudget,
    on_progress: OnProgress,
    before_decay: Callable[[Detector], None] = lambda _: None,
    machine: Machine | None = None,
) -> Fitted:
    """Train until the schedule ends; return the exponential moving average of the weights.

    `before_decay` is called once with the average, when the learning rate begins to decay, and may
    change the source of the batches. All of it ends within the budget, up to the iteration under
    way. Raises DivergedError.
    """
    machine = machine or this_machine()
    network.to(machine.device)
    network.freeze(recipe.frozen_stages)
    frozen = FrozenStages(network, recipe.frozen_stages, machine)
    ahead, on_cpu = prefetch_depth(machine.device), machine.device.type == "cpu"
    with (
        Prefetcher(batches, 0 if on_cpu else ahead) as frames,
        Prefetcher(StartedBatches(frames, frozen), ahead if on_cpu else 0) as starts,
        compute_threads(machine) as threads,
    ):

        def between_batches(average: Detector) -> None:
            starts.flush()
            frames.flush()
            before_decay(average)

        return _learn(
            network, starts, recipe, budget, on_progress, between_batches, machine, threads
        )


def _learn(
    network: Detector,
    starts: BatchSource[tuple[PyramidStart, GroundTruthBoxes]],
    recipe: DetectorRecipe,
    budget: TimeBudget,
    on_progress: OnProgress,
    before_decay: Callable[[Detector], None],
    machine: Machine,
    threads: ComputeThreads,
) -> Fitted:
    device = machine.device
    optimisation = Optimisation(
        network, _parts(network, recipe), recipe.weight_decay, threads=threads
    )
    schedule = Schedule(recipe, budget)
    recall = ExponentialMovingAverage()
    points = torch.cat(grids_of(recipe.view, device))  # [a, 2]
    network.train()
    step, decaying = 0, False
    while step < schedule.end:
        if schedule.is_decaying(step) and not decaying:
            decaying = True
            with schedule.paused():
                before_decay(optimisation.average)
        start, truth = starts.batch(recipe.batch, 0.0 if decaying else recipe.mosaic)
        truth = truth.to(device)
        with machine.mixed_precision():
            predicted = network.from_start(start, threads)
        targets = assign(predicted.scores.detach(), predicted.boxes.detach(), points, truth)
        loss = detection_loss(predicted, targets, recipe.box_weight)
        optimisation.step(loss, schedule.lr_factor(step))
        step += 1
        recall.add(targets.recall.item())
        schedule.consider(step, recall.value)
        if is_reported(step, schedule.end):
            on_progress(
                Progress(
                    TrainingPhase.TRAINING,
                    step,
                    schedule.end,
                    loss=optimisation.loss.value,
                    metric=recall.value,
                    eta_seconds=schedule.seconds_left(step),
                )
            )
    return Fitted(
        optimisation.average,
        step,
        optimisation.loss.value,
        recall.value,
        schedule.reason,
        schedule.cut(step),
        device,
    )


def _parts(network: Detector, recipe: DetectorRecipe) -> list[Part]:
    """Pair parameters with learning rates; the pretrained backbone's is lower."""
    return [
        (network.backbone.parameters(), recipe.backbone_learning_rate),
        (network.pyramid.parameters(), recipe.learning_rate),
        (network.head.parameters(), recipe.learning_rate),
    ]
