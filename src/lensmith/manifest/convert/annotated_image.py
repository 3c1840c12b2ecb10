"""A stored line in the terms of other formats: an image, its size, boxes and labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeGuard

import msgspec
from msgspec import Struct

from lensmith.manifest.convert.draft import Problem, ProblemKind
from lensmith.manifest.line.attributes import (
    SOURCE_REF,
    AttributePair,
    AttributeType,
    pairs_of,
    strip_reserved,
)

_HUGE = 1e300
_EDGES = ("left", "top", "width", "height")


class LabeledPixels(Struct, frozen=True, array_like=True):
    """One box; numbers as the line has them."""

    label: str
    class_id: int
    left: int | float
    top: int | float
    width: int | float
    height: int | float


class AnnotatedImage(Struct, frozen=True, array_like=True):
    """An image of a dataset. All boxes are in pixels of one size."""

    source_ref: str
    size: tuple[int, int] | None  # width, height; None when no attribute declares one
    boxes: tuple[LabeledPixels, ...]
    labels: tuple[str, ...]  # of the whole image


def read_annotated_image(line: str) -> tuple[AnnotatedImage, list[Problem]]:
    """Read a line of ListDatasetEntries; returns also a problem for each unreadable annotation.

    Boxes that leave the frame or are too small are kept: other formats may hold them.
    """
    raw: dict[str, Any] = msgspec.json.decode(line)
    source_ref: str = raw[SOURCE_REF]
    strip_reserved(raw)
    size: tuple[int, int] | None = None
    boxes: list[LabeledPixels] = []
    labels: dict[str, None] = {}
    problems: list[Problem] = []
    for pair in pairs_of(raw):
        match pair.metadata.get("type") if isinstance(pair.metadata, dict) else None:
            case AttributeType.IMAGE_LEVEL if _is_text(pair.metadata.get("class-name")):
                labels[pair.metadata["class-name"]] = None
            case AttributeType.BOUNDING_BOX if (declared := declared_size(pair)) is not None:
                size = size or (round(declared[0]), round(declared[1]))
                for found in _boxes(pair, (size[0] / declared[0], size[1] / declared[1])):
                    if isinstance(found, LabeledPixels):
                        boxes.append(found)
                    else:
                        problems.append(_unreadable(source_ref, f"{pair.name}[{found}]"))
            case _:
                problems.append(_unreadable(source_ref, pair.name))
    return AnnotatedImage(source_ref, size, tuple(boxes), tuple(labels)), problems


def _unreadable(source_ref: str, where: str) -> Problem:
    return Problem(ProblemKind.UNREADABLE_ANNOTATION, f"{source_ref}, {where}")


def _boxes(pair: AttributePair, scale: tuple[float, float]) -> Iterator[LabeledPixels | int]:
    """Yield each box, or its number when it cannot be read."""
    names = pair.metadata.get("class-map")
    annotations = pair.value.get("annotations")
    for number, one in enumerate(annotations if isinstance(annotations, list) else []):
        yield _box(one, names if isinstance(names, dict) else {}, scale) or number


def _box(one: Any, names: dict[str, Any], scale: tuple[float, float]) -> LabeledPixels | None:
    if not isinstance(one, dict) or not all(_is_number(one.get(edge)) for edge in _EDGES):
        return None
    try:
        class_id = int(one.get("class_id"))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    name = names.get(str(class_id))
    if not _is_text(name):
        return None
    left, top, width, height = (one[edge] for edge in _EDGES)
    if scale != (1, 1):
        left, width = left * scale[0], width * scale[0]
        top, height = top * scale[1], height * scale[1]
    return LabeledPixels(name, class_id, left, top, width, height)


def declared_size(pair: AttributePair) -> tuple[float, float] | None:
    """Return width and height that a set of boxes declares; None where it declares none."""
    size = pair.value.get("image_size") if isinstance(pair.value, dict) else None
    if isinstance(size, list):
        size = size[0] if size else None
    if not isinstance(size, dict):
        return None
    width, height = size.get("width"), size.get("height")
    if not _is_number(width) or not _is_number(height) or min(width, height) < 1:
        return None
    return width, height


def _is_number(value: Any) -> TypeGuard[int | float]:
    """Return whether it is a number that a float can be made of."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _HUGE


def _is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value)
