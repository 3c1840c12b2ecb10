"""Backbones by name: image models that `transformers` loads, frozen and ready for our graph.

`transformers` comes with the extra `lensmith[hub]` and is imported when the first name is asked
for. Only safetensors are read (pickles can run code), and never a model's own Python code.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from lensmith.domain.errors import LensmithError

if TYPE_CHECKING:
    from lensmith.training.hub.pixels import ExpectedPixels


class BackboneUnavailableError(LensmithError):
    """A named backbone cannot be had; `reason` is a sentence for the training report."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"The backbone {name} cannot be used: {reason}")


class Pooling(Enum):
    """Where in a model's answer one vector for the whole picture is."""

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
        self.frame = pixels.frame  # width, height
        self._network = network.requires_grad_(False)
        self._pooling = pooling
        self.normalised = Normalising(pixels)
        self.train(False)

    def train(self, mode: bool = True) -> HubBackbone:  # noqa: ARG002 - never learns
        return super().train(False)

    def forward(self, images: Tensor) -> Tensor:
        """uint8 RGB [n, h, w, 3] of the frame's size to features [n, features]."""
        answer = self._network(pixel_values=self.normalised(images))
        if self._pooling is Pooling.POOLER:
            pooled: Tensor = answer.pooler_output
            return pooled.flatten(1)
        maps = answer.feature_maps[-1] if "feature_maps" in answer else answer.last_hidden_state
        if self._pooling is Pooling.FIRST_TOKEN:
            return maps[:, 0]  # type: ignore[no-any-return]
        return maps.mean((2, 3)) if maps.dim() == 4 else maps.mean(1)  # type: ignore[no-any-return]


def load_hub_backbone(name: str) -> HubBackbone:
    """The backbone in a folder, in the local hub cache or on the hub, on the CPU.

    `name` is a folder, `owner/model` or `owner/model@revision`. The cache is asked before the
    hub, so that a training repeats with the same weights. Raises BackboneUnavailableError.
    """
    try:
        from lensmith.training.hub import files as hub_files
        from lensmith.training.hub import model_type as hub_kind
        from lensmith.training.hub import network as hub_network
    except ModuleNotFoundError as error:
        raise BackboneUnavailableError(
            name, f"{error.name} is not installed; pip install 'lensmith[hub]' brings it."
        ) from error
    hub_kind.require_backbone(name, hub_files.description_folder(name))
    return hub_network.load(name, hub_files.backbone_folder(name))
