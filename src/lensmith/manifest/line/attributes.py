"""Label attributes of a line: the pairs of keys that hold them, and their parsed content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SUFFIX = "-metadata"
SOURCE_REF = "source-ref"
STAMP = "cl-metadata"
RESERVED = frozenset({STAMP, "cl-errors", "errors", "warnings"})


class AttributeType(StrEnum):
    """`type` of the metadata, where it is supported."""

    IMAGE_LEVEL = "groundtruth/image-classification"
    BOUNDING_BOX = "groundtruth/object-detection"


@dataclass(frozen=True, slots=True)
class AttributePair:
    """`<name>` and `<name>-metadata` as they stand in the line."""

    name: str
    value: Any
    metadata: Any


@dataclass(frozen=True, slots=True)
class Provenance:
    """Metadata on the annotation of an attribute: by a person or not, when, in which job."""

    human_annotated: bool
    creation_date: str
    job_name: str | None


@dataclass(frozen=True, slots=True)
class UnsupportedAttribute:
    """A pair of another Ground Truth job: its value has no meaning here."""

    name: str


@dataclass(frozen=True, slots=True)
class ImageAttribute:
    """One label of the whole image."""

    name: str
    label: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Annotation:
    """One box, in pixels."""

    label: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class BoxAttribute:
    """Boxes of one declared image size."""

    name: str
    image_width: float
    image_height: float
    annotations: tuple[Annotation, ...]
    class_names: tuple[str, ...]
    provenance: Provenance


Attribute = ImageAttribute | BoxAttribute | UnsupportedAttribute


def pairs_of(raw: dict[str, Any]) -> list[AttributePair]:
    """Return the label attributes in the order of their keys; reserved keys must be stripped."""
    pairs: list[AttributePair] = []
    taken: set[str] = set()
    for name, value in raw.items():
        partner = name + SUFFIX
        if name in taken or name == SOURCE_REF or partner not in raw:
            continue
        taken.add(partner)
        pairs.append(AttributePair(name, value, raw[partner]))
    return pairs


def strip_reserved(raw: dict[str, Any]) -> bool:
    """Remove keys that an earlier validation wrote into the line; returns whether it had any."""
    found = _remove_reserved(raw)
    for pair in pairs_of(raw):
        for holder in _holders(pair):
            found = _remove_reserved(holder) or found
    return found


def _holders(pair: AttributePair) -> Iterator[dict[str, Any]]:
    for holder in (pair.metadata, pair.value):
        if isinstance(holder, dict):
            yield holder
    annotations = pair.value.get("annotations") if isinstance(pair.value, dict) else None
    if isinstance(annotations, list):
        yield from (one for one in annotations if isinstance(one, dict))


def _remove_reserved(holder: dict[str, Any]) -> bool:
    present = RESERVED & holder.keys()
    for key in present:
        del holder[key]
    return bool(present)
