"""Checks complete, valid lines while they are decoded: nearly every line of a manifest is one.

msgspec checks types, ranges and lengths in C against the structs below; a line that does not fit
them is left to the complete rules, which also accept the rarer legal forms (string ids, a bare
`image_size`, pass-through keys, stale `errors` arrays).
"""

from __future__ import annotations

from array import array
from operator import attrgetter
from sys import intern
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from lensmith.domain.image_limits import MAX_IMAGE_SIDE, MIN_IMAGE_SIDE
from lensmith.manifest.line.attributes import RESERVED
from lensmith.manifest.line.box_rules import EDGE_TOLERANCE, min_side
from lensmith.manifest.line.entry import (
    SURELY_SHORT,
    BoxSet,
    Entry,
    ImageLabel,
    is_source_ref,
)
from lensmith.manifest.line.quotas import (
    BOXES_PER_IMAGE,
    LABEL_NAME_CHARACTERS,
    LABELS_PER_IMAGE,
    LINE_CHARACTERS,
)

# Names that cannot be a label attribute's; `cl` would pair with the reserved `cl-metadata`.
_RESERVED_NAMES = RESERVED | {"cl"}

# No value satisfies it: a line with such a key does not take the fast path.
_Absent = Annotated[int, Meta(ge=1, le=0)]
_Side = Annotated[float, Meta(ge=MIN_IMAGE_SIDE, le=MAX_IMAGE_SIDE)]
_Edge = Annotated[float, Meta(ge=0)]
_ClassName = Annotated[str, Meta(min_length=1, max_length=LABEL_NAME_CHARACTERS)]


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


class AttributeHalf(Struct, gc=False, rename="kebab"):
    """Decodes either half of a label attribute: boxes, or the metadata of both types.

    Defaults mark absent fields; no valid field has these values.
    """

    image_size: Annotated[list[ImageSize], Meta(min_length=1)] | None = msgspec.field(
        default=None, name="image_size"
    )
    annotations: list[Annotation] | None = None
    type: str = ""
    class_name: Annotated[str, Meta(max_length=LABEL_NAME_CHARACTERS)] = ""
    confidence: Annotated[float, Meta(ge=0, le=1)] = -1
    human_annotated: Literal["yes", "no", ""] = ""
    creation_date: str = ""
    job_name: str | None = None
    objects: list[DetectedObject] | None = None
    class_map: dict[int, _ClassName] | None = None
    errors: _Absent = 0
    warnings: _Absent = 0
    cl_errors: _Absent = 0
    cl_metadata: _Absent = 0


_Pair = tuple[int | AttributeHalf, AttributeHalf]


class CompleteLine(Struct, gc=False):
    """A line of valid label attributes only; `pairs` holds their values and metadata in order."""

    source_ref: str
    pairs: list[_Pair]


_decode = msgspec.json.Decoder(dict[str, str | int | AttributeHalf]).decode
_UNFIT = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_class_id = attrgetter("class_id")


def read(line: bytes) -> CompleteLine | None:
    """Decode and check a line; returns None when the complete rules must judge it.

    `line` is UTF-8, as `reading.read_lines` ensures: text under unknown keys is not checked.
    """
    # A NUL character is refused, and can only be written as an escape.
    if len(line) > LINE_CHARACTERS or (b"\\" in line and b"\\u0000" in line):
        return None
    try:
        raw = _decode(line)
    except _UNFIT:
        return None
    source_ref = raw.get("source-ref")
    # A key ending in a slash is left to the complete rules: it may be the whole path.
    if type(source_ref) is not str or source_ref[:5] != "s3://" or source_ref[-1] == "/":
        return None
    if len(source_ref) > SURELY_SHORT and not is_source_ref(source_ref):
        return None
    pairs = _pairs(raw) if source_ref.find("/", 5) > 5 else None
    return None if pairs is None else CompleteLine(source_ref, pairs)


def entry_of(line: CompleteLine) -> Entry:
    """Return the entry of a complete line."""
    image_labels: dict[str, ImageLabel] = {}
    box_sets: list[BoxSet] = []
    for value, metadata in line.pairs:
        if type(value) is AttributeHalf:
            box_sets.append(_box_set(value, metadata))
        elif metadata.class_name not in image_labels:
            image_labels[metadata.class_name] = _image_label(metadata)
    return Entry(line.source_ref, tuple(image_labels.values()), tuple(box_sets))


def labels_of(line: CompleteLine) -> tuple[dict[str, bool], tuple[str, ...]]:
    """Return the labels assigned to the image (whether on a box), and every label declared."""
    used: dict[str, bool] = {}
    declared: dict[str, None] = {}
    for value, metadata in line.pairs:
        if type(value) is AttributeHalf:
            names = metadata.class_map or {}
            declared |= dict.fromkeys(names.values())
            for class_id in dict.fromkeys(map(_class_id, value.annotations or ())):
                used[names[class_id]] = True
        else:
            declared[metadata.class_name] = None
            used.setdefault(metadata.class_name, False)
    return used, tuple(declared)


def _pairs(
    raw: dict[str, str | int | AttributeHalf],
) -> list[_Pair] | None:
    """Return the pairs of a line; None if it has any key besides them and the source-ref."""
    pairs: list[_Pair] = []
    boxes = 0
    for name, value in raw.items():
        if type(value) is int:
            metadata = raw.get(name + "-metadata")
            if type(metadata) is not AttributeHalf or not _is_image_label(metadata):
                return None
        elif type(value) is AttributeHalf and value.annotations:
            metadata = raw.get(name + "-metadata")
            if type(metadata) is not AttributeHalf or not _are_boxes(
                value, value.annotations, metadata
            ):
                return None
            boxes += len(value.annotations)
        else:
            continue
        if name in _RESERVED_NAMES:
            return None
        pairs.append((value, metadata))
    # Pass-through keys, half pairs and reserved keys upset the count.
    if len(raw) != 2 * len(pairs) + 1 or not pairs:
        return None
    return pairs if boxes <= BOXES_PER_IMAGE and len(pairs) <= LABELS_PER_IMAGE else None


def _is_image_label(metadata: AttributeHalf) -> bool:
    return (
        metadata.type == "groundtruth/image-classification"
        and metadata.class_name != ""
        and metadata.confidence >= 0
        and metadata.human_annotated != ""
        and metadata.creation_date != ""
    )


def _are_boxes(
    value: AttributeHalf, annotations: list[Annotation], metadata: AttributeHalf
) -> bool:
    if (
        metadata.type != "groundtruth/object-detection"
        or metadata.human_annotated == ""
        or metadata.creation_date == ""
        or metadata.class_map is None
        or metadata.objects is None
        or len(metadata.objects) < len(annotations)
        or value.image_size is None
    ):
        return False
    size, class_map = value.image_size[0], metadata.class_map
    minimum = min_side(size.width, size.height)
    right, bottom = size.width + EDGE_TOLERANCE, size.height + EDGE_TOLERANCE
    for box in annotations:
        width, height = box.width, box.height
        if (
            width <= minimum
            or height <= minimum
            or box.left + width > right
            or box.top + height > bottom
            or box.class_id not in class_map
        ):
            return False
    return True


def _image_label(metadata: AttributeHalf) -> ImageLabel:
    return ImageLabel(
        intern(metadata.class_name),
        metadata.human_annotated == "yes",
        metadata.creation_date,
        metadata.job_name,
    )


def _box_set(value: AttributeHalf, metadata: AttributeHalf) -> BoxSet:
    assert value.annotations
    assert value.image_size
    assert metadata.class_map
    size, annotations = value.image_size[0], value.annotations
    names = {class_id: intern(name) for class_id, name in metadata.class_map.items()}
    return BoxSet(
        size.width,
        size.height,
        tuple(map(names.__getitem__, map(_class_id, annotations))),
        array("d", [x for one in annotations for x in (one.left, one.top, one.width, one.height)]),
        metadata.human_annotated == "yes",
        metadata.creation_date,
        metadata.job_name,
    )
