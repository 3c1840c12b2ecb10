"""An entry as a person sees it, read from its stored line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from lensmith.manifest.convert.annotated_image import LabeledPixels, read_annotated_image
from lensmith.manifest.line.attributes import AttributePair, AttributeType, pairs_of

_ERRORS = "cl-errors"


class MarkedBox(Struct, frozen=True):
    """A labelled box in whole pixels of the image as shown."""

    label: str
    left: int
    top: int
    width: int
    height: int


class LabelledImage(Struct, frozen=True):
    """Holds all that an entry says of its image."""

    source_ref: str
    size: tuple[int, int] | None  # width, height in pixels; None where no box declares them
    image_labels: tuple[str, ...]
    boxes: tuple[MarkedBox, ...]
    nothing_here: bool  # a person looked, and there is nothing to label
    errors: tuple[str, ...]  # codes, each once


def read_image(line: str) -> LabelledImage:
    """Read the image of a line as ListDatasetEntries returns it; keep boxes that break a rule."""
    raw: dict[str, Any] = msgspec.json.decode(line)
    picture, _ = read_annotated_image(line)
    boxes = tuple(whole_pixels(box) for box in picture.boxes)
    empty = any(is_nothing_here(pair) for pair in pairs_of(raw))
    return LabelledImage(
        picture.source_ref,
        picture.size,
        picture.labels,
        boxes,
        empty and not picture.labels and not boxes,
        tuple(dict.fromkeys(_codes(raw))),
    )


def whole_pixels(box: LabeledPixels) -> MarkedBox:
    return MarkedBox(
        box.label, round(box.left), round(box.top), round(box.width), round(box.height)
    )


def is_nothing_here(pair: AttributePair) -> bool:
    """Return whether a person left a box attribute without boxes (docs/labelling.md)."""
    return (
        is_box_pair(pair)
        and isinstance(pair.value, dict)
        and pair.value.get("annotations") == []
        and pair.metadata.get("human-annotated") == "yes"
    )


def is_box_pair(pair: AttributePair) -> bool:
    return type_of(pair) is AttributeType.BOUNDING_BOX


def is_image_level_pair(pair: AttributePair) -> bool:
    return type_of(pair) is AttributeType.IMAGE_LEVEL


def type_of(pair: AttributePair) -> AttributeType | None:
    """Read a pair's type; None for another kind, or without metadata that can be read."""
    named = pair.metadata.get("type") if isinstance(pair.metadata, dict) else None
    return next((kind for kind in AttributeType if kind == named), None)


def _codes(raw: dict[str, Any]) -> Iterator[str]:
    """Yield the error codes of every level of a line; the line's own sum up the others."""
    for pair in pairs_of(raw):
        for holder in (pair.value, pair.metadata):
            yield from _codes_of(holder)
        annotations = pair.value.get("annotations") if isinstance(pair.value, dict) else None
        for annotation in annotations if isinstance(annotations, list) else ():
            yield from _codes_of(annotation)
    yield from _codes_of(raw)


def _codes_of(holder: Any) -> Iterator[str]:
    if isinstance(holder, dict):
        yield from (each["code"] for each in holder.get(_ERRORS, ()))
