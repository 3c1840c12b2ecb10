"""Builds the label attributes that Lensmith writes into a line (manifests.md 1.2 to 1.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lensmith.manifest.line.attributes import RESERVED, SOURCE_REF, SUFFIX, AttributeType

BOX_ATTRIBUTE = "bounding-box"
_PREFIX = "label_"
_DEPTH = 3  # required by the format, otherwise unused


@dataclass(frozen=True, slots=True)
class PixelBox:
    """A box with the class it belongs to; ints stay ints, floats stay floats."""

    class_id: int
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Origin:
    """Creation date and job of annotations, for their metadata."""

    created: str  # creation-date
    job_name: str


def image_level(
    labels: Iterable[str], created: str, taken: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Build one attribute a label, named after it; a label given twice counts once.

    `taken` are keys that the line has already.
    """
    attributes: dict[str, Any] = {}
    for label in dict.fromkeys(labels):
        name = unused_name(label, {**(taken or {}), **attributes})
        attributes[name] = 1
        attributes[name + SUFFIX] = {
            "class-name": label,
            "confidence": 1,
            "type": AttributeType.IMAGE_LEVEL.value,
            "job-name": f"labeling-job/{label}",
            "human-annotated": "yes",
            "creation-date": created,
        }
    return attributes


def bounding_boxes(
    size: tuple[float, float],
    boxes: Sequence[PixelBox],
    names: Mapping[int, str],
    origin: Origin,
) -> dict[str, Any]:
    """Build the attribute `bounding-box`; its class-map holds only the classes that boxes use.

    `size` is width and height in pixels; a class without name is left out of the class-map.
    """
    used = dict.fromkeys(box.class_id for box in boxes)
    return {
        BOX_ATTRIBUTE: {
            "image_size": [{"width": size[0], "height": size[1], "depth": _DEPTH}],
            "annotations": [
                {
                    "class_id": box.class_id,
                    "left": box.left,
                    "top": box.top,
                    "width": box.width,
                    "height": box.height,
                }
                for box in boxes
            ],
        },
        BOX_ATTRIBUTE + SUFFIX: {
            "objects": [{"confidence": 1} for _ in boxes],
            "class-map": {str(id_): names[id_] for id_ in used if id_ in names},
            "type": AttributeType.BOUNDING_BOX.value,
            "human-annotated": "yes",
            "creation-date": origin.created,
            "job-name": origin.job_name,
        },
    }


def unused_name(label: str, taken: Mapping[str, Any]) -> str:
    """Name an attribute: the label, with `label_` before it where that makes no new pair."""
    name = label
    reserved = RESERVED & {label, label + SUFFIX}
    if reserved or label == SOURCE_REF or label.endswith(SUFFIX):
        name = _PREFIX + name
    while name in taken or name + SUFFIX in taken:
        name = _PREFIX + name
    return name
