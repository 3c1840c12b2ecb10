"""Against the image processors of transformers that run on Pillow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lensmith.training.hub.backbone import HubBackbone, Pooling
from lensmith.training.hub.pixels import ExpectedPixels

PROCESSORS: dict[str, tuple[str, dict[str, Any]]] = {
    "vit": ("ViTImageProcessorPil", {}),
    "dinov2": ("BitImageProcessorPil", {"size": {"shortest_edge": 256}}),
    "siglip": ("SiglipImageProcessorPil", {"size": {"height": 96, "width": 64}}),
    "convnext": ("ConvNextImageProcessorPil", {"size": {"shortest_edge": 224}}),
    "mobilenet": ("MobileNetV2ImageProcessorPil", {}),
    "mobilevit": ("MobileViTImageProcessorPil", {}),  # blue first, no mean
    "efficientnet": ("EfficientNetImageProcessorPil", {"rescale_offset": True}),
}


def processor_of(family: str) -> Any:
    import transformers  # takes seconds, in every worker that collects the tests

    name, given = PROCESSORS[family]
    return getattr(transformers, name)(**given)


def normalised(pixels: ExpectedPixels, picture: np.ndarray[Any, Any]) -> torch.Tensor:
    backbone = HubBackbone("any", nn.Identity(), Pooling.MEAN, pixels, features=1)
    frames: torch.Tensor = backbone.normalised(torch.from_numpy(picture[None]))
    return frames[0]


@pytest.mark.parametrize("family", PROCESSORS)
def test_pixels_become_what_the_processor_makes_of_them(family: str) -> None:
    processor = processor_of(family)
    picture = np.random.default_rng(1).integers(0, 256, (40, 56, 3), dtype=np.uint8)
    expected = processor(picture, do_resize=False, do_center_crop=False)["pixel_values"][0]
    answer = normalised(ExpectedPixels.from_description(processor.to_dict()), picture)
    np.testing.assert_allclose(answer, expected, atol=1e-4)


@pytest.mark.parametrize("family", PROCESSORS)
def test_the_frame_is_the_processors(family: str) -> None:
    processor = processor_of(family)
    picture = np.zeros((300, 400, 3), dtype=np.uint8)
    height, width = processor(picture)["pixel_values"][0].shape[1:]
    assert ExpectedPixels.from_description(processor.to_dict()).input_size == (
        width,
        height,
    )


@pytest.mark.parametrize(
    ("given", "input_size"),
    [
        ({}, (224, 224)),
        ({"size": 96}, (96, 96)),
        ({"size": [64, 96]}, (96, 64)),
        ({"size": 256, "crop_size": 224, "do_center_crop": True}, (224, 224)),
        ({"size": 256, "crop_size": 224, "do_center_crop": False}, (256, 256)),
    ],
)
def test_older_ways_to_give_a_size(given: dict[str, Any], input_size: tuple[int, int]) -> None:
    assert ExpectedPixels.from_description(given).input_size == input_size


def test_nothing_to_do_leaves_the_pixels() -> None:
    pixels = ExpectedPixels.from_description({"do_rescale": False})
    assert (pixels.scale, pixels.shift) == ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    "given",
    [
        {"size": {"depth": 3}},
        {"size": 0},
        {"size": "large"},
        {"do_normalize": True, "image_mean": [0.5]},
        {"do_normalize": True, "image_std": [0, 0, 0]},
        {"rescale_factor": None},
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="makes no sense"):
        ExpectedPixels.from_description(given)
