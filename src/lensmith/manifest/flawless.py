"""The fast path: lines without a flaw, checked while they are decoded.

Nearly every line of a manifest is flawless. msgspec checks types, ranges and lengths in C against
the structs below; whatever does not fit them is left to the complete rules, which also accept the
rarer legal forms (string ids, a bare `image_size`, pass-through keys, stale `errors` arrays).
"""

from __future__ import annotations

from array import array
from operator import attrgetter
from sys import intern
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from lensmith.manifest.attributes import RESERVED
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

# Names that are no label attribute, or would be taken for one with a reserved key.
_ODD_NAMES = RESERVED | {"cl"}

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
_UNFIT = (
    msgspec.MsgspecError,
    UnicodeDecodeError,
    RecursionError,
    KeyError,
    AttributeError,
)
_class_id = attrgetter("class_id")


def read(line: bytes) -> Flawless | None:
    """The line if it is flawless, None when the complete rules must judge it.

    `line` is UTF-8, as `line.read_lines` makes sure: text under unknown keys is not looked at.
    """
    # A NUL character is refused, and can only be written as an escape.
    if len(line) > LINE_CHARACTERS or (b"\\" in line and b"\\u0000" in line):
        return None
    try:
        raw = _decode(line)
        source_ref: str = raw["source-ref"]  # type: ignore[assignment]
        slash = source_ref.find("/", 5)
        pairs = _pairs(raw)
    except _UNFIT:
        return None
    # A key ending in a slash is left to the complete rules: it may be the whole path.
    if pairs is None or slash < 6 or source_ref[:5] != "s3://" or source_ref[-1] == "/":
        return None
    return Flawless(source_ref, pairs)


def entry_of(line: Flawless) -> Entry:
    """The entry of a flawless line."""
    image_labels: dict[str, ImageLabel] = {}
    box_sets: list[BoxSet] = []
    for value, metadata in line.pairs:
        if type(value) is Half:
            box_sets.append(_box_set(value, metadata))
        else:
            image_labels.setdefault(metadata.class_name, _image_label(metadata))  # type: ignore[arg-type]
    return Entry(line.source_ref, tuple(image_labels.values()), tuple(box_sets))


def _pairs(raw: dict[str, str | int | Half]) -> list[tuple[int | Half, Half]] | None:
    """The pairs of a line if they are all there is beside the source-ref.

    May raise AttributeError where the metadata is missing or no object.
    """
    pairs: list[tuple[int | Half, Half]] = []
    boxes = 0
    for name, value in raw.items():
        if type(value) is int:
            metadata: Half = raw.get(name + "-metadata")  # type: ignore[assignment]
            if (
                metadata.type != "groundtruth/image-classification"
                or metadata.class_name is None
                or metadata.confidence is None
                or metadata.human_annotated is None
                or metadata.creation_date is None
            ):
                return None
        elif type(value) is Half and value.annotations:
            metadata = raw.get(name + "-metadata")  # type: ignore[assignment]
            if not _are_boxes(value, metadata):
                return None
            boxes += len(value.annotations)
        else:
            continue
        if name in _ODD_NAMES:
            return None
        pairs.append((value, metadata))
    # Pass-through keys, half pairs and reserved keys upset the count.
    if len(raw) != 2 * len(pairs) + 1 or not pairs:
        return None
    return pairs if boxes <= BOXES_PER_IMAGE and len(pairs) <= LABELS_PER_IMAGE else None


def _are_boxes(value: Half, metadata: Half) -> bool:
    annotations, class_map, objects = value.annotations, metadata.class_map, metadata.objects
    if (
        metadata.type != "groundtruth/object-detection"
        or metadata.human_annotated is None
        or metadata.creation_date is None
        or value.image_size is None
        or annotations is None
        or class_map is None
        or objects is None
        or len(objects) < len(annotations)
    ):
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


def _image_label(metadata: Half) -> ImageLabel:
    return ImageLabel(
        intern(metadata.class_name),  # type: ignore[arg-type]
        metadata.human_annotated == "yes",
        metadata.creation_date,  # type: ignore[arg-type]
        metadata.job_name,
    )


def _box_set(value: Half, metadata: Half) -> BoxSet:
    annotations: list[Annotation] = value.annotations  # type: ignore[assignment]
    class_map: dict[int, str] = metadata.class_map  # type: ignore[assignment]
    names = {class_id: intern(name) for class_id, name in class_map.items()}
    size = value.image_size[0]  # type: ignore[index]
    return BoxSet(
        size.width,
        size.height,
        tuple(map(names.__getitem__, map(_class_id, annotations))),
        array("d", [x for one in annotations for x in (one.left, one.top, one.width, one.height)]),
        metadata.human_annotated == "yes",
        metadata.creation_date,  # type: ignore[arg-type]
        metadata.job_name,
    )
