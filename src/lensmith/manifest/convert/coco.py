"""Converts COCO object detection JSON to manifest lines (manifests.md 1.6)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import msgspec
from msgspec import Struct

from lensmith.manifest.convert.bounds import Bounds, SizeOf, clipped, coordinate
from lensmith.manifest.convert.coco_mask import bounds_of
from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import Origin, PixelBox, bounding_boxes
from lensmith.manifest.line.entry import is_source_ref

_Id = int | str

_CAPTURED = "%Y-%m-%d %H:%M:%S"
_CREATED = "%Y-%m-%dT%H:%M:%S"
_LONGEST_ID = 100  # characters of a number, which are read as one


class _Coco(Struct):
    images: list[Any]
    annotations: list[Any] | None = None
    categories: list[Any] | None = None


@dataclass(slots=True)
class _Image:
    file_name: str
    raw: dict[str, Any]
    boxes: list[PixelBox]


def read_coco(
    data: bytes,
    origin: Origin,
    *,
    follow_urls: bool = True,
    size_of: SizeOf = lambda _: None,
) -> Iterator[Draft | Problem]:
    """Yield one draft an image, also for images without annotations.

    An S3 location in `coco_url` is taken for the image when `follow_urls`; `size_of` reads the
    size of an image that declares none. An annotation without box gets that around its
    segmentation. Raises UnreadableSourceError when the data is not COCO object detection JSON.
    """
    coco = _decode(data)
    problems: list[Problem] = []
    images = _images(coco.images, problems)
    if coco.images and not images:
        raise UnreadableSourceError(
            "not COCO object detection JSON: no image has an id and a file_name"
        )
    categories = _Categories(coco.categories or [])
    for number, annotation in enumerate(coco.annotations or []):
        _add(annotation, f"annotations[{number}]", images, categories, problems)
    yield from problems
    for image in images.values():
        yield _draft(image, categories.names, origin, follow_urls, size_of)


def _decode(data: bytes) -> _Coco:
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(data, type=_Coco)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as strict:
        try:  # NaN, which Python writes, costs its annotation only
            return msgspec.convert(json.loads(data), _Coco)
        except (ValueError, RecursionError):
            raise UnreadableSourceError(f"not COCO object detection JSON: {strict}") from strict


def _images(given: list[Any], problems: list[Problem]) -> dict[_Id, _Image]:
    images: dict[_Id, _Image] = {}
    for number, raw in enumerate(given):
        id_ = _id(raw.get("id")) if isinstance(raw, dict) else None
        name = raw.get("file_name") if isinstance(raw, dict) else None
        if id_ is None or not isinstance(name, str):
            problems.append(Problem(ProblemKind.NO_FILE_NAME, f"images[{number}]"))
        elif id_ in images:
            problems.append(Problem(ProblemKind.REPEATED_ID, f"image {name} (id {id_})"))
        else:
            images[id_] = _Image(name, raw, [])
    return images


def _add(
    raw: Any,
    where: str,
    images: dict[_Id, _Image],
    categories: _Categories,
    problems: list[Problem],
) -> None:
    """Add the box of an annotation to its image, or the reason why not to the problems."""
    given = raw if isinstance(raw, dict) else {}
    id_ = _id(given.get("image_id"))
    image = images.get(id_) if id_ is not None else None
    if image is None:
        problems.append(
            Problem(ProblemKind.UNKNOWN_IMAGE, f"{where} of image {given.get('image_id')}")
        )
        return
    where = f"{where} of {image.file_name}"
    category = given.get("category_id")
    class_id = categories.number(category)
    if class_id is None:
        problems.append(Problem(ProblemKind.UNKNOWN_CLASS, f"{where}, category {category}"))
        return
    bounds = _box(given, image)
    if bounds is None:
        problems.append(Problem(ProblemKind.BAD_BOX, where))
        return
    image.boxes.append(PixelBox(class_id, *bounds))


def _box(annotation: dict[str, Any], image: _Image) -> Bounds | None:
    """Return `bbox`, or else the part in the image of the box around the segmentation."""
    given = _bounds(annotation.get("bbox"))
    if given is not None and given[2] > 0 and given[3] > 0:
        return given
    around = bounds_of(annotation.get("segmentation"))
    if around is None:
        return given
    width, height = _side(image.raw.get("width")), _side(image.raw.get("height"))
    return clipped(around, (width, height)) if width and height else around


def _bounds(edges: Any) -> Bounds | None:
    if not isinstance(edges, list) or len(edges) != 4:
        return None
    numbers = [number for edge in edges if (number := coordinate(edge)) is not None]
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) == 4 else None


def _draft(
    image: _Image, names: dict[int, str], origin: Origin, follow_urls: bool, size_of: SizeOf
) -> Draft | Problem:
    raw, url = image.raw, image.raw.get("coco_url")
    is_s3 = follow_urls and isinstance(url, str) and is_source_ref(url)
    name = str(url) if is_s3 else image.file_name
    declared = _side(raw.get("width")), _side(raw.get("height"))
    size = declared if declared[0] and declared[1] else size_of(name)
    if size is None or size[0] is None or size[1] is None:
        return Problem(ProblemKind.NO_SIZE, f"image {image.file_name}")
    created = Origin(_created(raw.get("date_captured")) or origin.created, origin.job_name)
    sides = size[0], size[1]
    return Draft(name, bounding_boxes(sides, image.boxes, names, created))


class _Categories:
    """Numbers and names of the classes; ids that are no numbers get free ones."""

    def __init__(self, given: list[Any]) -> None:
        self.names: dict[int, str] = {}
        self._numbers: dict[_Id, int] = {}
        named = [
            (id_, str(one["name"]))
            for one in given
            if isinstance(one, dict)
            and (id_ := _id(one.get("id"))) is not None
            and (isinstance(one.get("name"), str) or _is_number(one.get("name")))
        ]
        free = count(max((id_ for id_, _ in named if isinstance(id_, int)), default=-1) + 1)
        for id_, name in named:
            number = id_ if isinstance(id_, int) else next(free)
            self._numbers[id_] = number
            self.names[number] = name
        for number, name in self.names.items():
            self._numbers.setdefault(name, number)  # some annotations name their class

    def number(self, category: Any) -> int | None:
        """Return the class number of a category_id; None where there is no such class."""
        id_ = _id(category)
        if isinstance(id_, int):
            return id_  # the validator names those without a class
        return self._numbers.get(id_) if id_ is not None else None


def _id(value: Any) -> _Id | None:
    """Parse an id as tools write it: 7, 7.0, "7" and "7.0" are the same."""
    if isinstance(value, str):
        text = value.strip()
        whole = text[:-2] if text.endswith(".0") else text
        is_number = whole.isascii() and whole.removeprefix("-").isdigit()
        return int(whole) if is_number and len(whole) < _LONGEST_ID else text or None
    if not _is_number(value):
        return None
    return int(value) if value == int(value) else str(value)


def _side(value: Any) -> float | None:
    try:
        side = float(value) if isinstance(value, str) else value
    except ValueError:
        return None
    return side if _is_number(side) and side > 0 else None


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def _created(captured: Any) -> str | None:
    """Write `date_captured` with a `T`; dates in other formats stay as they are."""
    if not isinstance(captured, str) or not captured:
        return None
    try:
        return datetime.strptime(captured, _CAPTURED).strftime(_CREATED)
    except ValueError:
        return captured
