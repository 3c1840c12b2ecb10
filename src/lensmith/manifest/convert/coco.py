"""Converts COCO object detection JSON to manifest lines (manifests.md 1.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import Origin, PixelBox, bounding_boxes
from lensmith.manifest.line.entry import is_source_ref

_CAPTURED = "%Y-%m-%d %H:%M:%S"
_CREATED = "%Y-%m-%dT%H:%M:%S"


class _Image(Struct):
    id: int | str
    file_name: str
    width: int | float | None = None
    height: int | float | None = None
    date_captured: Any = None
    coco_url: Any = None


class _Annotation(Struct):
    image_id: int | str
    category_id: int
    bbox: Any = None


class _Category(Struct):
    id: int
    name: str


class _Coco(Struct):
    images: list[_Image]
    annotations: list[_Annotation] = []
    categories: list[_Category] = []


def read_coco(
    data: bytes, origin: Origin, *, follow_urls: bool = True
) -> Iterator[Draft | Problem]:
    """Yield one draft an image, also for images without annotations.

    An S3 location in `coco_url` is taken for the image when `follow_urls`. Raises
    UnreadableSourceError when the data is not COCO object detection JSON.
    """
    try:
        coco = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Coco)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UnreadableSourceError(f"not COCO object detection JSON: {error}") from error
    images: dict[int | str, _Image] = {}
    for image in coco.images:
        if images.setdefault(image.id, image) is not image:
            yield Problem(ProblemKind.REPEATED_ID, f"image {image.file_name} (id {image.id})")
    boxes: defaultdict[int | str, list[PixelBox]] = defaultdict(list)
    for number, annotation in enumerate(coco.annotations):
        box = _box_of_image(annotation, f"annotations[{number}]", images)
        if isinstance(box, Problem):
            yield box
        else:
            boxes[annotation.image_id].append(box)
    names = {category.id: category.name for category in coco.categories}
    for image in images.values():
        yield _draft(image, boxes[image.id], names, origin, follow_urls)


def _box_of_image(
    annotation: _Annotation, where: str, images: Mapping[int | str, _Image]
) -> PixelBox | Problem:
    image = images.get(annotation.image_id)
    if image is None:
        return Problem(ProblemKind.UNKNOWN_IMAGE, f"{where} of image {annotation.image_id}")
    return _box(annotation) or Problem(ProblemKind.BAD_BOX, f"{where} of {image.file_name}")


def _box(annotation: _Annotation) -> PixelBox | None:
    edges = annotation.bbox
    if not isinstance(edges, list) or len(edges) != 4:
        return None
    if any(isinstance(edge, bool) or not isinstance(edge, int | float) for edge in edges):
        return None
    return PixelBox(annotation.category_id, *edges)


def _draft(
    image: _Image,
    boxes: list[PixelBox],
    names: dict[int, str],
    origin: Origin,
    follow_urls: bool,
) -> Draft | Problem:
    if not image.width or not image.height:
        return Problem(ProblemKind.NO_SIZE, f"image {image.file_name}")
    url = image.coco_url
    is_s3 = follow_urls and isinstance(url, str) and is_source_ref(url)
    created = Origin(_created(image.date_captured) or origin.created, origin.job_name)
    size = (image.width, image.height)
    return Draft(url if is_s3 else image.file_name, bounding_boxes(size, boxes, names, created))


def _created(captured: Any) -> str | None:
    """`date_captured` with a `T`; dates in other formats stay as they are."""
    if not isinstance(captured, str) or not captured:
        return None
    try:
        return datetime.strptime(captured, _CAPTURED).strftime(_CREATED)
    except ValueError:
        return captured
