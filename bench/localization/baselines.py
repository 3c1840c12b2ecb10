"""Baselines of the benchmark of detectors: Lensmith's network, little of which learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from lensmith.domain.geometry import Box
from lensmith.domain.job import OnProgress
from lensmith.inference.image import Pixels
from lensmith.inference.preprocess import Placement, Size
from lensmith.training.backbone import (
    BASE_STAGES,
    EfficientNetLite,
    load_backbone,
    normalised,
)
from lensmith.training.data.example import Example
from lensmith.training.data.pictures import as_served, picture_size, use_threads
from lensmith.training.detector.assignment import box_iou
from lensmith.training.detector.description import detector_artefact
from lensmith.training.detector.network import Detector
from lensmith.training.detector.pretrained import START_FILES, load_start
from lensmith.training.detector.recipe import DetectorRecipe, detector_recipe
from lensmith.training.detector.served import ServedDetector
from lensmith.training.detector.train import SAMPLES, level_priors, train_detector
from lensmith.training.export import export_model
from lensmith.training.settings import TrainingSettings

ABSENT = -1e4  # logit of a label without boxes


class ProbedDetector(Detector):
    """A detector whose last layers alone learn: linear ones on frozen features."""

    def freeze(self, stages: int) -> None:
        super().freeze(stages)
        for part in self._features():
            part.requires_grad_(requires_grad=False)

    def train(self, mode: bool = True) -> Self:
        super().train(mode)
        for part in self._features():
            part.eval()
        return self

    def _features(self) -> tuple[nn.Module, ...]:
        return self.backbone, self.pyramid, self.head.cls_branch, self.head.reg_branch


def train_frozen(
    examples: Sequence[Example],
    labels: Sequence[str],
    directory: Path,
    settings: TrainingSettings,
    on_progress: OnProgress,
) -> None:
    """Train as Lensmith does, but only the pyramid and the head; the backbone is ImageNet's."""
    recipe, _ = _frozen_recipe(examples, settings)
    train_detector(examples, labels, directory, settings, on_progress, recipe=recipe)


def train_probe(
    examples: Sequence[Example],
    labels: Sequence[str],
    directory: Path,
    settings: TrainingSettings,
    on_progress: OnProgress,
) -> None:
    """Train as Lensmith does, but only the last layers: labels, boxes, objectness."""
    recipe, sizes = _frozen_recipe(examples, settings)
    network = ProbedDetector(*_parts(examples, sizes, labels, recipe))
    load_start(network, START_FILES[recipe.backbone])
    train_detector(
        examples, labels, directory, settings, on_progress, recipe=recipe, network=network
    )


def train_nearest(
    examples: Sequence[Example],
    labels: Sequence[str],
    directory: Path,
    settings: TrainingSettings,
    _on_progress: OnProgress,
) -> None:
    """Train nothing: the bundled start finds things, and the nearest class mean names them.

    The means are of the features under the layer of labels, at the point whose box overlaps a
    labelled one most.
    """
    use_threads(settings.threads)
    recipe, sizes = _frozen_recipe(examples, settings)
    network = Detector(*_parts(examples, sizes, labels, recipe)).eval()
    load_start(network, START_FILES[recipe.backbone])
    artefact = detector_artefact(labels, recipe)
    served = [as_served(example.image, artefact) for example in examples]
    means, seen = _class_means(network, examples, served, len(labels))
    biases = torch.where(seen, -means.square().sum(1) / 2, ABSENT)
    layer = network.head.label
    with torch.no_grad():  # the nearest mean has the largest f . m - |m|^2 / 2
        layer.weight.copy_(means[:, :, None, None])
        layer.bias = nn.Parameter(biases)
    samples = np.stack([pixels for pixels, _ in served[:SAMPLES]])
    detector = ServedDetector(network, recipe.input_size)
    export_model(detector, ["boxes", "scores"], artefact, directory, samples)


def _frozen_recipe(
    examples: Sequence[Example], settings: TrainingSettings
) -> tuple[DetectorRecipe, list[Size]]:
    sizes = [picture_size(example.image) for example in examples]
    recipe = detector_recipe(examples, sizes, settings)
    return replace(recipe, frozen_stages=len(BASE_STAGES)), sizes


def _parts(
    examples: Sequence[Example],
    sizes: Sequence[Size],
    labels: Sequence[str],
    recipe: DetectorRecipe,
) -> tuple[EfficientNetLite, int, Tensor]:
    priors = level_priors(examples, sizes, recipe.input_size)
    return load_backbone(recipe.backbone), len(labels), priors


@torch.no_grad()
def _class_means(
    network: Detector,
    examples: Sequence[Example],
    served: Sequence[tuple[Pixels, Placement]],
    labels: int,
) -> tuple[Tensor, Tensor]:
    """Average the features of each label's boxes, [labels, channels]; and which have any."""
    found: list[list[Tensor]] = [[] for _ in range(labels)]
    for example, (pixels, placement) in zip(examples, served, strict=True):
        boxes, features = _boxes_and_features(network, torch.from_numpy(pixels)[None])
        for label, box in example.boxes:
            overlaps = box_iou(_corners(box, placement)[None, None], boxes)  # [1, 1, a]
            found[label].append(features[overlaps.argmax()])
    none = torch.zeros(network.head.label.in_channels)
    means = torch.stack([torch.stack(each).mean(0) if each else none for each in found])
    return means, torch.tensor([bool(each) for each in found])


def _boxes_and_features(network: Detector, images: Tensor) -> tuple[Tensor, Tensor]:
    """Compute boxes [1, a, 4] in pixels, and what the layer of labels reads, [a, channels]."""
    levels: list[Tensor] = []
    hook = network.head.label.register_forward_pre_hook(lambda _, inputs: levels.append(inputs[0]))
    predicted = network(normalised(images))
    hook.remove()
    return predicted.boxes, torch.cat([level.flatten(2)[0].T for level in levels])


def _corners(box: Box, placement: Placement) -> Tensor:
    left = placement.left + box.left * placement.width
    top = placement.top + box.top * placement.height
    right, bottom = left + box.width * placement.width, top + box.height * placement.height
    return torch.tensor([left, top, right, bottom])
