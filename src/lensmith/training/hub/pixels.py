"""Reads the input size and normalisation of a model from its `preprocessor_config.json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from lensmith.inference.preprocess import Size

Channels = tuple[float, float, float]

IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
USUAL_SIDE = 224


@dataclass(frozen=True, slots=True)
class ExpectedPixels:
    """The input size, and `value * scale + shift` for each channel of 0..255 pixels.

    How a picture of another shape is fitted is the recipe's choice and not read.
    """

    input_size: Size
    scale: Channels
    shift: Channels
    blue_first: bool = False

    @classmethod
    def from_description(cls, given: Mapping[str, Any]) -> Self:
        """Read the keys of an image processor; raises ValueError when one makes no sense."""
        try:
            scale, shift = _affine(given)
            return cls(_input_size(given), scale, shift, bool(given.get("do_flip_channel_order")))
        except (TypeError, ValueError, LookupError, ArithmeticError) as error:
            raise ValueError(f"its image processor makes no sense ({error!r})") from error


def _affine(given: Mapping[str, Any]) -> tuple[Channels, Channels]:
    """Scale and shift of: times the factor, plus an offset, minus mean, over deviation."""
    factor = float(given.get("rescale_factor", 1 / 255)) if given.get("do_rescale", True) else 1.0
    offset = -1.0 if given.get("rescale_offset") else 0.0
    mean, deviation = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    if given.get("do_normalize"):
        mean = _channels(given.get("image_mean", IMAGENET_MEAN))
        deviation = _channels(given.get("image_std", IMAGENET_DEVIATION))
    divisor = deviation
    if given.get("include_top"):  # EfficientNet's own: divided by the deviation once more
        divisor = _three([each * each for each in deviation])
    scale = _three([factor / each for each in divisor])
    shift = _three([(offset - m) / d for m, d in zip(mean, divisor, strict=True)])
    return scale, shift


def _channels(value: float | Sequence[float]) -> Channels:
    return (
        _three([float(value)] * 3)
        if isinstance(value, int | float)
        else _three([float(each) for each in value])
    )


def _three(values: Sequence[float]) -> Channels:
    red, green, blue = values
    return red, green, blue


def _input_size(given: Mapping[str, Any]) -> Size:
    cropped = given.get("do_center_crop") and given.get("crop_size")
    size = given["crop_size"] if cropped else given.get("size", USUAL_SIDE)
    if isinstance(size, Mapping):
        side = size.get("shortest_edge")
        width, height = (side, side) if side else (size["width"], size["height"])
    elif isinstance(size, Sequence):
        height, width = size
    else:
        width = height = size
    input_size = int(width), int(height)
    if min(input_size) < 1:
        raise ValueError(f"frames of {input_size[0]} x {input_size[1]} pixels")
    return input_size
