"""Image models of `transformers`, frozen, as feature extractors in an exportable graph."""

from __future__ import annotations

from enum import Enum, auto

import torch
from torch import Tensor, nn

from lensmith.training.hub.pixels import ExpectedPixels


class Pooling(Enum):
    """How a model's output becomes one vector for the image."""

    POOLER = auto()  # the model's own
    FIRST_TOKEN = auto()
    MEAN = auto()  # of all tokens, or of the last feature map


class Normalising(nn.Module):
    """uint8 RGB [n, h, w, 3] to the floats [n, 3, h, w] that a model's weights expect."""

    def __init__(self, pixels: ExpectedPixels) -> None:
        super().__init__()
        self._blue_first = pixels.blue_first
        self.scale: Tensor
        self.shift: Tensor
        self.register_buffer("scale", torch.tensor(pixels.scale).reshape(3, 1, 1))
        self.register_buffer("shift", torch.tensor(pixels.shift).reshape(3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        channels = images.permute(0, 3, 1, 2).float()
        if self._blue_first:
            channels = channels.flip(1)
        return channels * self.scale + self.shift


class HubBackbone(nn.Module):
    """A frozen image model with its normalisation; stays in evaluation mode."""

    def __init__(
        self, name: str, network: nn.Module, pooling: Pooling, pixels: ExpectedPixels, features: int
    ) -> None:
        super().__init__()
        self.name = name
        self.features = features
        self.input_size = pixels.input_size  # width, height
        self._network = network.requires_grad_(False)
        self._pooling = pooling
        self.normalised = Normalising(pixels)
        self.train(False)

    def train(self, mode: bool = True) -> HubBackbone:  # noqa: ARG002 - never learns
        return super().train(False)

    def forward(self, images: Tensor) -> Tensor:
        """Compute features [n, features] from uint8 RGB [n, h, w, 3] of the input size."""
        answer = self._network(pixel_values=self.normalised(images))
        if self._pooling is Pooling.POOLER:
            pooled: Tensor = answer.pooler_output
            return pooled.flatten(1)
        maps = answer.feature_maps[-1] if "feature_maps" in answer else answer.last_hidden_state
        if self._pooling is Pooling.FIRST_TOKEN:
            return maps[:, 0]  # type: ignore[no-any-return]
        return maps.mean((2, 3)) if maps.dim() == 4 else maps.mean(1)  # type: ignore[no-any-return]
