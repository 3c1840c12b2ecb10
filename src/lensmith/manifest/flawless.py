"""The fast path: lines without a flaw, checked while they are decoded.

Nearly every line of a manifest is flawless. msgspec checks types, ranges and lengths in C against
the structs below; whatever does not fit them is left to the complete rules, which also accept the
rarer legal forms (string ids, a bare `image_size`, pass-through keys, stale `errors` arrays).
"""

from __future__ import annotations

from array import array
from itertools import chain
from sys import intern
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from lensmith.manifest.attributes import RESERVED, SOURCE_REF, SUFFIX
from lensmith.manifest.box_rules import EDGE_TOLERANCE, least_side
from lensmith.manifest.entry import BoxSet, Entry, ImageLabel
from lensmith.manifest.quotas import (
    BOXES_PER_IMAGE,
    IMAGE_SIDE_MAXIMUM,
    IMAGE_SIDE_MINIMUM,
    LABEL_NAME_CHARACTERS,
    LABELS_PER_IMAGE,
    LINE_CHARACTERS,
)

# No value satisfies it, so that a line with such a key is not flawless.
_Absent = Annotated[int, Meta(ge=1, le=0)]
_Side = Annotated[float, Meta(ge=IMAGE_SIDE_MINIMUM, le=IMAGE_SIDE_MAXIMUM)]
_Edge = Annotated[float, Meta(ge=0)]
_Name = Annotated[str, Meta(min_length=1, max_length=LABEL_NAME_CHARACTERS)]


class ImageSize(Struct, gc=False):
    width: _Side
    height: _Side


class Annotation(Struct, gc=False, rename={"cl_errors": "cl-errors", "cl_metadata": "cl-metadata"}):
    class_id: int
    left: _Edge
    top: _Edge
    width: _Edge
    height: _Edge
    errors: _Absent = 0
    warnings: _Absent = 0
    cl_errors: _Absent = 0
    cl_metadata: _Absent = 0


class DetectedObject(Struct, gc=False):
    confidence: float


class Half(Struct, gc=False, rename="kebab"):
    """Either half of a pair: the boxes, or the metadata of either type."""

    image_size: Annotated[list[ImageSize], Meta(min_length=1)] | None = msgspec.field(
        default=None, name="image_size"
    )
    annotations: list[Annotation] | None = None
    type: Literal["groundtruth/image-classification", "groundtruth/object-detection"] | None = None
    class_name: _Name | None = None
    confidence: Annotated[float, Meta(ge=0, le=1)] | None = None
    human_annotated: Literal["yes", "no"] | None = None
    creation_date: Annotated[str, Meta(min_length=1)] | None = None
    job_name: str | None = None
    objects: list[DetectedObject] | None = None
    class_map: dict[int, _Name] | None = None
    errors: _Absent = 0
    warnings: _Absent = 0
    cl_errors: _Absent = 0
    cl_metadata: _Absent = 0


class Flawless(Struct, gc=False):
    """A line of complete, valid pairs only; `pairs` holds their values and metadata in order."""

    source_ref: str
    pairs: list[tuple[int | Half, Half]]


_decode = msgspec.json.Decoder(dict[str, str | int | Half]).decode


def read(line: bytes) -> Flawless | None:
    """The line if it is flawless, None when the complete rules must judge it."""
    # A NUL character is refused, and can only be written as an escape.
    if len(line) > LINE_CHARACTERS or b"\\u0000" in line:
        return None
    try:
        raw = _decode(line)
        if not line.isascii():
            line.decode()  # the decoder skips unknown keys without a look at their text
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    source_ref = raw.pop(SOURCE_REF, None)
    if type(source_ref) is not str or not source_ref.startswith("s3://"):
        return None
    if not 5 < source_ref.find("/", 5) < len(source_ref) - 1:
        return None
    pairs = _pairs(raw)
    return None if pairs is None else Flawless(source_ref, pairs)


def entry_of(line: Flawless) -> Entry:
    """The entry of a flawless line."""
    image_labels: dict[str, ImageLabel] = {}
    box_sets: list[BoxSet] = []
    for value, metadata in line.pairs:
        if type(value) is Half:
            box_sets.append(_box_set(value, metadata))
        elif metadata.class_name not in image_labels:
            image_labels[metadata.class_name] = ImageLabel(  # type: ignore[index]
                intern(metadata.class_name),  # type: ignore[arg-type]
                metadata.human_annotated == "yes",
                metadata.creation_date,  # type: ignore[arg-type]
                metadata.job_name,
            )
    return Entry(line.source_ref, tuple(image_labels.values()), tuple(box_sets))


def _pairs(raw: dict[str, str | int | Half]) -> list[tuple[int | Half, Half]] | None:
    pairs: list[tuple[int | Half, Half]] = []
    boxes = 0
    for name, value in raw.items():
        if name.endswith(SUFFIX):
            continue
        metadata = raw.get(name + SUFFIX)
        if type(metadata) is not Half or name in RESERVED or name == "cl":
            return None
        if metadata.human_annotated is None or metadata.creation_date is None:
            return None
        if type(value) is int:
            if not _is_image_label(metadata):
                return None
        elif type(value) is Half and _are_boxes(value, metadata):
            boxes += len(value.annotations)  # type: ignore[arg-type]
        else:
            return None
        pairs.append((value, metadata))
    # Other keys, half pairs and odd names leave a rest.
    if 2 * len(pairs) != len(raw) or not pairs:
        return None
    return pairs if boxes <= BOXES_PER_IMAGE and len(pairs) <= LABELS_PER_IMAGE else None


def _is_image_label(metadata: Half) -> bool:
    return (
        metadata.type == "groundtruth/image-classification"
        and metadata.class_name is not None
        and metadata.confidence is not None
    )


def _are_boxes(value: Half, metadata: Half) -> bool:
    annotations, class_map, objects = value.annotations, metadata.class_map, metadata.objects
    if metadata.type != "groundtruth/object-detection" or value.image_size is None:
        return False
    if not annotations or class_map is None or objects is None or len(objects) < len(annotations):
        return False
    size = value.image_size[0]
    least = least_side(size.width, size.height)
    right, bottom = size.width + EDGE_TOLERANCE, size.height + EDGE_TOLERANCE
    for box in annotations:
        width, height = box.width, box.height
        if (
            width <= least
            or height <= least
            or box.left + width > right
            or box.top + height > bottom
            or box.class_id not in class_map
        ):
            return False
    return True


def _box_set(value: Half, metadata: Half) -> BoxSet:
    annotations, names = value.annotations, metadata.class_map
    size = value.image_size[0]  # type: ignore[index]
    return BoxSet(
        size.width,
        size.height,
        tuple([intern(names[box.class_id]) for box in annotations]),  # type: ignore[index,union-attr]
        array(
            "d",
            chain.from_iterable(
                [(box.left, box.top, box.width, box.height) for box in annotations]  # type: ignore[union-attr]
            ),
        ),
        metadata.human_annotated == "yes",
        metadata.creation_date,  # type: ignore[arg-type]
        metadata.job_name,
    )
