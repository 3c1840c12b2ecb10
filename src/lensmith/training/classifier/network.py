"""Networks that classify whole pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from lensmith.training.backbone import (
    FEATURES,
    VARIANTS,
    BackboneName,
    EfficientNetLite,
    fold_norms,
    load_backbone,
    normalised,
)
from lensmith.training.classifier.linear_head import LinearHead

PEAK_FRACTION = 1 / 12  # of the positions that are pooled as a label's peaks


class FeatureExtractor(Protocol):
    """A frozen network from images to features; normalises its input."""

    name: str
    features: int
    input_size: tuple[int, int]  # width, height in pixels

    def __call__(self, images: Tensor) -> Tensor:
        """Compute features [n, features] from uint8 [n, h, w, 3]."""
        ...

    def parameters(self) -> Iterator[nn.Parameter]: ...


class LiteFeatures(nn.Module):
    """A bundled backbone, frozen, its norms folded into its convolutions.

    `frame` is the side of its input in pixels, the backbone's native size by default, to which
    the graph resizes others.
    """

    def __init__(self, name: BackboneName, frame: int | None = None) -> None:
        super().__init__()
        self.backbone = load_backbone(name)
        fold_norms(self.backbone)
        self.name = name.value
        self.features = FEATURES
        self.native_size = VARIANTS[name].native_size
        self.input_size = (frame or self.native_size,) * 2

    def forward(self, images: Tensor) -> Tensor:
        """Compute features [n, 1280] from uint8 [n, h, w, 3]."""
        pixels = normalised(images)
        if self.input_size != (self.native_size, self.native_size):
            pixels = functional.interpolate(pixels, size=self.native_size, mode="bilinear")
        features: Tensor = self.backbone(pixels)
        return features


class PeakFeatures(nn.Module):
    """A bundled backbone, frozen, at a larger input size; its map pooled by mean and by maximum.

    A label of a small part shows at few positions of the map, which the mean averages away.
    """

    def __init__(self, lite: LiteFeatures, side: int) -> None:
        super().__init__()
        self.backbone = lite.backbone
        self.name = lite.name
        self.features = 2 * FEATURES
        self.input_size = (side, side)

    def forward(self, images: Tensor) -> Tensor:
        """Compute features [n, 2560] from uint8 [n, h, w, 3]; both halves have length 1."""
        maps = self.backbone.maps(normalised(images)).flatten(2)  # [n, 1280, positions]
        pooled = maps.mean(2), maps.amax(2)
        return torch.cat([functional.normalize(each) for each in pooled], 1)


class LinearClassifier(nn.Module):
    """Frozen features and a linear head in one graph."""

    def __init__(self, extractor: FeatureExtractor, head: LinearHead, *, exclusive: bool) -> None:
        super().__init__()
        self.extractor = extractor
        self.head = nn.Linear(*head.weights.T.shape)
        self.head.load_state_dict(
            {"weight": torch.from_numpy(head.weights), "bias": torch.from_numpy(head.bias)}
        )
        self.exclusive = exclusive

    def forward(self, images: Tensor) -> Tensor:
        """Compute probabilities [n, labels] from uint8 [n, h, w, 3]."""
        return probabilities(self.logits(images), exclusive=self.exclusive)

    def logits(self, images: Tensor) -> Tensor:
        """Compute logits [n, labels] from uint8 [n, h, w, 3]."""
        logits: Tensor = self.head(unit_features(self.extractor, images))
        return logits


class AveragedClassifier(nn.Module):
    """Linear classifiers on different backbones, their logits averaged, in one graph."""

    def __init__(self, classifiers: Sequence[LinearClassifier], *, exclusive: bool) -> None:
        super().__init__()
        self.classifiers = tuple(classifiers)
        self.parts = nn.ModuleList(classifiers)  # registers them
        self.exclusive = exclusive

    def forward(self, images: Tensor) -> Tensor:
        """Compute probabilities [n, labels] from uint8 [n, h, w, 3]."""
        logits = torch.stack([one.logits(images) for one in self.classifiers]).mean(0)
        return probabilities(logits, exclusive=self.exclusive)


class MaxPoolClassifier(nn.Module):
    """A backbone with a convolutional head, pooled by mean and by top-k mean over positions.

    The top-k term keeps the label of a small object from being averaged away.
    """

    def __init__(self, backbone: EfficientNetLite, labels: int, *, exclusive: bool) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Conv2d(FEATURES, labels, 1)
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]
        self.exclusive = exclusive
        self.temperature = nn.Buffer(torch.ones(()))

    def logits(self, images: Tensor) -> Tensor:
        """Compute logits [n, labels], not calibrated, from uint8 [n, h, w, 3]."""
        evidence = self.head(self.backbone.maps(normalised(images))).flatten(2)  # [n, labels, p]
        peaks = max(1, round(int(evidence.shape[2]) * PEAK_FRACTION))
        total: Tensor = evidence.mean(2) + evidence.topk(peaks, dim=2).values.mean(2)
        return total

    def forward(self, images: Tensor) -> Tensor:
        """Compute probabilities [n, labels] from uint8 [n, h, w, 3]."""
        return probabilities(self.logits(images) / self.temperature, exclusive=self.exclusive)

    def start_from(self, frequencies: Tensor) -> None:
        """Initialise the bias from the frequency of each label, [labels]."""
        bias = self.head.bias
        assert bias is not None
        with torch.no_grad():
            bias.copy_(torch.logit(frequencies.clamp(0.01, 0.99)) / 2)  # it is part of both means


def unit_features(extractor: FeatureExtractor, images: Tensor) -> Tensor:
    """Compute features [n, features] of length 1 from uint8 [n, h, w, 3]."""
    return functional.normalize(extractor(images))


def probabilities(logits: Tensor, *, exclusive: bool) -> Tensor:
    return logits.softmax(1) if exclusive else logits.sigmoid()
