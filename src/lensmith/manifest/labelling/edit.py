"""Labels and boxes that a person gave an image, written into its line (docs/labelling.md).

What the line says beside labels is kept, and so are attributes whose labels did not change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from lensmith.domain.errors import LensmithError
from lensmith.manifest.convert.annotated_image import read_annotated_image
from lensmith.manifest.convert.label_attributes import (
    BOX_ATTRIBUTE,
    Origin,
    PixelBox,
    bounding_boxes,
    image_level,
    unused_name,
)
from lensmith.manifest.labelling.image import (
    LabelledImage,
    MarkedBox,
    is_box_pair,
    is_image_level_pair,
    is_nothing_here,
    whole_pixels,
)
from lensmith.manifest.line.attributes import SOURCE_REF, SUFFIX, AttributePair, pairs_of

JOB_NAME = "labeling-job/lensmith-console"


class EditError(LensmithError):
    """Refuses labels that cannot be written; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Marks:
    """Holds the labels that a person gives an image."""

    image_labels: tuple[str, ...] = ()
    boxes: tuple[MarkedBox, ...] = ()
    nothing_here: bool = False
    size: tuple[int, int] | None = None  # width, height of the image as shown
    created: str = field(default="", compare=False)  # creation-date of what is new


def new_line(source_ref: str, marks: Marks) -> bytes:
    """Write the line of an image that the dataset does not have yet; raises EditError."""
    raw: dict[str, Any] = {SOURCE_REF: source_ref}
    _write(raw, None, marks)
    return msgspec.json.encode(raw)


def edited_line(line: bytes, before: LabelledImage, marks: Marks) -> bytes:
    """Write a manifest line with other labels; `before` is what it said. Raises EditError."""
    raw: dict[str, Any] = msgspec.json.decode(line)
    _write(raw, before, marks)
    return msgspec.json.encode(raw)


def _write(raw: dict[str, Any], before: LabelledImage | None, marks: Marks) -> None:
    if marks.nothing_here and (marks.image_labels or marks.boxes):
        raise EditError("NOTHING_HERE_WITH_LABELS")
    mends = before is not None and bool(before.errors)
    _write_image_labels(raw, marks, mends=mends)
    _write_boxes(raw, before, marks, mends=mends)


def _write_image_labels(raw: dict[str, Any], marks: Marks, *, mends: bool) -> None:
    kept: dict[str, None] = {}
    for pair in pairs_of(raw):
        if not is_image_level_pair(pair):
            continue
        label = pair.metadata.get("class-name")
        if mends or label in kept or label not in marks.image_labels:
            _remove(raw, pair)
        else:
            kept[label] = None
    added = [label for label in marks.image_labels if label not in kept]
    raw |= image_level(added, marks.created, taken=raw)


def _write_boxes(
    raw: dict[str, Any], before: LabelledImage | None, marks: Marks, *, mends: bool
) -> None:
    pairs = [pair for pair in pairs_of(raw) if is_box_pair(pair)]
    if not marks.boxes and not marks.nothing_here:
        for pair in pairs:
            _remove(raw, pair)
        return
    if before is not None and not mends and _is_same(pairs, before, marks):
        return
    size = marks.size or (before.size if before is not None else None)
    if size is None:
        raise EditError("MISSING_IMAGE_SIZE")
    target = pairs[0] if pairs else None
    name = target.name if target is not None else unused_name(BOX_ATTRIBUTE, raw)
    written = _box_attribute(target, raw, before, marks, size)
    for pair in pairs[1:]:
        _remove(raw, pair)
    raw[name], raw[name + SUFFIX] = written


def _is_same(pairs: list[AttributePair], before: LabelledImage, marks: Marks) -> bool:
    """Return whether the boxes of the line say what is to be written already."""
    if marks.size is not None and before.size is not None and marks.size != before.size:
        return False
    if marks.nothing_here:
        return any(is_nothing_here(pair) for pair in pairs)
    return Counter(marks.boxes) == Counter(before.boxes)


def _box_attribute(
    target: AttributePair | None,
    raw: dict[str, Any],
    before: LabelledImage | None,
    marks: Marks,
    size: tuple[int, int],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Build value and metadata; numbers of classes, further keys and unchanged boxes stay."""
    numbers = _class_numbers(target, marks.boxes)
    boxes = [
        PixelBox(numbers[box.label], box.left, box.top, box.width, box.height)
        for box in marks.boxes
    ]
    names = {number: label for label, number in numbers.items()}
    fresh = bounding_boxes(size, boxes, names, Origin(marks.created, JOB_NAME))
    value, metadata = fresh[BOX_ATTRIBUTE], fresh[BOX_ATTRIBUTE + SUFFIX]
    if target is None:
        return value, metadata
    if before is not None and before.size == size:
        _keep_unchanged(target, raw, marks, value, metadata)
    old = target.metadata if isinstance(target.metadata, dict) else {}
    metadata["job-name"] = old.get("job-name", JOB_NAME)
    further = {key: old[key] for key in old.keys() - metadata.keys()}
    return value, metadata | further


def _class_numbers(target: AttributePair | None, boxes: Iterable[MarkedBox]) -> dict[str, int]:
    """Return the number of each label in use: that of the line where it has one."""
    known = _known_numbers(target)
    numbers: dict[str, int] = {}
    for label in dict.fromkeys(box.label for box in boxes):
        taken = {*known.values(), *numbers.values()}
        numbers[label] = known.get(label, max(taken, default=-1) + 1)
    return numbers


def _known_numbers(target: AttributePair | None) -> dict[str, int]:
    class_map = target.metadata.get("class-map") if target is not None else None
    if not isinstance(class_map, Mapping):
        return {}
    return {
        name: int(key)
        for key, name in class_map.items()
        if isinstance(name, str) and key.isascii() and key.isdigit() and len(key) < 10
    }


def _keep_unchanged(
    target: AttributePair,
    raw: dict[str, Any],
    marks: Marks,
    value: dict[str, Any],
    metadata: dict[str, Any],
) -> None:
    """Put boxes of the line that look the same in place of those that would be written."""
    stored = _stored_boxes(target, raw)
    objects = target.metadata.get("objects")
    for index, box in enumerate(marks.boxes):
        place = stored.get(box)
        if place is None:
            continue
        number = value["annotations"][index]["class_id"]
        value["annotations"][index] = {**target.value["annotations"][place], "class_id": number}
        if isinstance(objects, list) and place < len(objects):
            metadata["objects"][index] = objects[place]


def _stored_boxes(target: AttributePair, raw: dict[str, Any]) -> dict[MarkedBox, int]:
    """Return the boxes of one attribute as shown, and their places; none if one is unreadable."""
    alone = {
        SOURCE_REF: raw[SOURCE_REF],
        target.name: target.value,
        target.name + SUFFIX: target.metadata,
    }
    picture, problems = read_annotated_image(msgspec.json.encode(alone).decode())
    if problems:
        return {}
    return {whole_pixels(box): place for place, box in enumerate(picture.boxes)}


def _remove(raw: dict[str, Any], pair: AttributePair) -> None:
    del raw[pair.name], raw[pair.name + SUFFIX]
