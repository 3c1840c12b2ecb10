"""The training loop of fine-tuned classifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lensmith.domain.job import OnProgress, Progress
from lensmith.domain.training_phase import TrainingPhase
from lensmith.training.classifier.batches import ClassificationBatches
from lensmith.training.classifier.cross_validation import ValidationScore, score
from lensmith.training.classifier.network import MaxPoolClassifier
from lensmith.training.classifier.recipe import FineTuningRecipe
from lensmith.training.data.arrays import Floats, LabelMatrix
from lensmith.training.data.prefetch import Prefetcher, prefetch_depth
from lensmith.training.device import Machine, device_of, this_machine
from lensmith.training.optimisation import Optimisation, Part, is_reported, warmup_cosine
from lensmith.training.threads import ComputeThreads, compute_threads

LOOKS = 5  # validations during training


@dataclass(frozen=True, slots=True)
class HoldoutSet:
    """Pictures that are not trained on, to validate on."""

    pictures: Sequence[int]
    truth: LabelMatrix  # [held-out pictures, labels]

    def score(self, network: MaxPoolClassifier, batches: ClassificationBatches) -> ValidationScore:
        return score(self.logits(network, batches), self.truth, exclusive=network.exclusive)

    def logits(self, network: MaxPoolClassifier, batches: ClassificationBatches) -> Floats:
        """Return the logits [held-out pictures, labels]."""
        logits = [
            predicted(
                network, torch.from_numpy(batches.as_served(self.pictures[start : start + 8]))
            )
            for start in range(0, len(self.pictures), 8)
        ]
        together: Floats = torch.cat(logits).double().numpy()
        if not np.isfinite(together).all():  # diverged
            together = np.zeros_like(together)
        return together


def fine_tune(
    network: MaxPoolClassifier,
    batches: ClassificationBatches,
    recipe: FineTuningRecipe,
    iterations: int,
    on_progress: OnProgress,
    held_out: HoldoutSet | None = None,
    machine: Machine | None = None,
) -> MaxPoolClassifier:
    """Train `network` and return its exponential moving average.

    Reports the loss, and the metric on held-out pictures if there are any. Raises DivergedError.
    """
    machine = machine or this_machine()
    device = machine.device
    network = network.to(device)
    prepare(network, recipe)
    metric = None
    with (
        Prefetcher(batches, prefetch_depth(device)) as ahead,
        compute_threads(machine) as threads,
    ):
        optimisation = Optimisation(
            network, _parts(network, recipe), recipe.weight_decay, threads=threads
        )
        for step in range(1, iterations + 1):
            images, truth = ahead.batch(recipe.batch, recipe.collage)
            with machine.mixed_precision():
                logits = logits_in_threads(network, images.to(device), threads)  # [n, labels]
            loss = classification_loss(
                logits.float(), truth.to(device), exclusive=network.exclusive
            )
            optimisation.step(loss, warmup_cosine(step, iterations, recipe.warmup))
            if held_out is not None and step % max(iterations // LOOKS, 1) == 0:
                metric = held_out.score(optimisation.average, batches).metric
            if is_reported(step, iterations):
                on_progress(
                    Progress(
                        TrainingPhase.FINE_TUNING,
                        step,
                        iterations,
                        optimisation.loss.value,
                        metric=metric,
                    )
                )
    return optimisation.average


def logits_in_threads(
    network: MaxPoolClassifier, images: Tensor, threads: ComputeThreads
) -> Tensor:
    """Compute logits [n, labels] of uint8 [n, h, w, 3]; its norms have been prepared."""
    (logits,) = threads.split(lambda share: (network.logits(share),), images, network.parameters())
    return logits


def prepare(network: MaxPoolClassifier, recipe: FineTuningRecipe) -> None:
    """Freeze early stages and the statistics of every norm.

    Statistics over a handful of pictures are worse than ImageNet's (training_facts).
    """
    network.train()
    backbone = network.backbone
    if recipe.frozen_stages is not None:
        for part in (backbone.stem, *list(backbone.stages)[: recipe.frozen_stages]):
            part.requires_grad_(False)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def classification_loss(logits: Tensor, truth: Tensor, *, exclusive: bool) -> Tensor:
    """Compute the mean cross entropy [n, labels]; summed over independent labels."""
    if exclusive:
        return functional.cross_entropy(logits, truth)
    each = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    return each.sum(1).mean()


@torch.no_grad()
def predicted(network: MaxPoolClassifier, images: Tensor) -> Tensor:
    """Compute logits [n, labels] of images uint8 [n, h, w, 3], on the CPU."""
    return network.logits(images.to(device_of(network))).float().cpu()


def calibrated(network: MaxPoolClassifier, temperature: float) -> MaxPoolClassifier:
    """Move to the CPU and set the temperature, ready for export."""
    network = network.cpu().eval()
    network.temperature.fill_(temperature)
    return network


def label_frequencies(truth: LabelMatrix) -> Tensor:
    return torch.from_numpy(truth.mean(0).astype(np.float32))


def _parts(network: MaxPoolClassifier, recipe: FineTuningRecipe) -> list[Part]:
    """Pair parameters with learning rates; the pretrained backbone's is lower."""
    head = set(network.head.parameters())
    others = [parameter for parameter in network.parameters() if parameter not in head]
    return [
        (network.head.parameters(), recipe.learning_rate),
        (others, recipe.backbone_learning_rate),
    ]
