from __future__ import annotations

import pytest
import torch
from PIL import Image, ImageDraw
from torch.nn import functional

from lensmith.training.backbone import (
    VARIANTS,
    BackboneName,
    ConvNorm,
    EfficientNetLite,
    fold_norms,
    load_backbone,
    load_imagenet_classifier,
    normalised,
)

TRAFFIC_LIGHT = 920  # ImageNet class


def traffic_light(size: int) -> torch.Tensor:
    """A black case with three lamps against the sky: uint8 [1, size, size, 3]."""
    picture = Image.new("RGB", (224, 224), (140, 190, 235))
    canvas = ImageDraw.Draw(picture)
    canvas.rectangle((106, 190, 118, 224), fill=(70, 70, 70))
    canvas.rounded_rectangle((76, 20, 148, 192), 14, fill=(25, 25, 25))
    for top, colour in ((30, (230, 40, 30)), (84, (240, 180, 30)), (138, (40, 190, 80))):
        canvas.ellipse((90, top, 134, top + 44), fill=colour)
    resized = picture.resize((size, size))
    return torch.frombuffer(bytearray(resized.tobytes()), dtype=torch.uint8).view(1, size, size, 3)


@pytest.mark.parametrize("name", BackboneName)
def test_the_published_weights_recognise_a_picture(name: BackboneName) -> None:
    backbone, classifier = load_backbone(name), load_imagenet_classifier(name)
    with torch.no_grad():
        scores = classifier(backbone(normalised(traffic_light(VARIANTS[name].native_size))))
    assert int(scores.argmax()) == TRAFFIC_LIGHT


@pytest.mark.parametrize("name", BackboneName)
def test_the_pyramid_has_strides_8_16_and_32(name: BackboneName) -> None:
    backbone = load_backbone(name)
    with torch.no_grad():
        maps = backbone.pyramid(torch.zeros(1, 3, 96, 128))
    assert [tuple(level.shape[2:]) for level in maps] == [(12, 16), (6, 8), (3, 4)]
    assert [level.shape[1] for level in maps] == backbone.pyramid_channels


def test_a_missing_tensor_fails_the_load() -> None:
    state = EfficientNetLite(VARIANTS[BackboneName.LITE0]).state_dict()
    del state["stages.2.0.depthwise.norm.bias"]
    with pytest.raises(RuntimeError, match="Missing key"):
        EfficientNetLite(VARIANTS[BackboneName.LITE0]).load_state_dict(state)


def test_folding_keeps_the_function() -> None:
    backbone, images = load_backbone(BackboneName.LITE0), torch.rand(2, 3, 64, 96) * 2 - 1
    with torch.no_grad():
        before = backbone(images)
        fold_norms(backbone)
        after = backbone(images)
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("side", "kernel"), [(8, 3), (7, 3), (8, 5), (7, 5)])
def test_same_padding_puts_the_odd_pixel_right_and_below(side: int, kernel: int) -> None:
    layer = ConvNorm(1, 1, kernel, 2, linear=True).eval()
    image = torch.rand(1, 1, side, side)
    # A window around every second pixel; TensorFlow starts at the first for odd sides, and for
    # even ones half a step later.
    start = 0 if side % 2 else 1
    whole = functional.conv2d(image, layer.conv.weight, padding=kernel // 2)
    with torch.no_grad():
        strided = layer(image) * torch.sqrt(torch.tensor(1 + 1e-3))
    torch.testing.assert_close(strided, whole[..., start::2, start::2], rtol=1e-4, atol=1e-5)
