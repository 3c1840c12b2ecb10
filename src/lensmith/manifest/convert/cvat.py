"""Converts CVAT for images 1.1 to manifest lines; the XML is hostile input."""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import (
    Origin,
    PixelBox,
    bounding_boxes,
    image_level,
)

_OUTLINES = frozenset({"polygon", "polyline"})


def read_cvat(xml: bytes, origin: Origin) -> Iterator[Draft | Problem]:
    """Yield a draft an image: boxes, the boxes around polygons, tags as image-level labels.

    Raises UnreadableSourceError when the data is not that of images. Other shapes and rotated
    boxes are named.
    """
    try:
        root: Element = fromstring(xml)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableSourceError(f"not XML that can be trusted: {error!r}") from error
    if root.tag != "annotations" or root.find("track") is not None:
        raise UnreadableSourceError("not `CVAT for images 1.1`; export in that format")
    numbers: dict[str, int] = {}
    for image in root.findall("image"):
        yield from _read_image(image, numbers, origin)


def _read_image(
    image: Element, numbers: dict[str, int], origin: Origin
) -> Iterator[Draft | Problem]:
    name = image.get("name", "")
    size = _number(image.get("width")), _number(image.get("height"))
    boxes: list[PixelBox] = []
    labels: list[str] = []
    for number, shape in enumerate(image):
        label, where = shape.get("label"), f"{name}, {shape.tag} {number + 1}"
        edges = _edges(shape)
        if not label:
            yield Problem(ProblemKind.NO_LABEL_NAME, where)
        elif shape.tag == "tag":
            labels.append(label)
        elif edges is None:
            yield Problem(ProblemKind.BAD_BOX, where)
        else:
            boxes.append(PixelBox(numbers.setdefault(label, len(numbers)), *edges))
    if not size[0] or not size[1]:
        yield Problem(ProblemKind.NO_SIZE, name)
        return
    names = {number: label for label, number in numbers.items()}
    attributes = image_level(labels, origin.created)
    if boxes or not labels:
        attributes |= bounding_boxes((size[0], size[1]), boxes, names, origin)
    yield Draft(name, attributes)


def _edges(shape: Element) -> tuple[float, float, float, float] | None:
    """Return left, top, width, height; None for other shapes and rotated boxes."""
    if shape.tag == "box" and not _number(shape.get("rotation", "0")):
        numbers = [_number(shape.get(side)) for side in ("xtl", "ytl", "xbr", "ybr")]
    elif shape.tag in _OUTLINES:
        points = shape.get("points", "").replace(";", ",").split(",")
        found = [_number(one) for one in points]
        known = [one for one in found if one is not None]
        if len(known) < len(found) or len(known) < 4 or len(known) % 2:
            return None
        across, down = known[::2], known[1::2]
        numbers = [min(across), min(down), max(across), max(down)]
    else:
        return None
    left, top, right, bottom = numbers
    if left is None or top is None or right is None or bottom is None:
        return None
    return left, top, right - left, bottom - top


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None
