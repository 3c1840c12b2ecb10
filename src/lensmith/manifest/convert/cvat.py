"""Converts CVAT for images 1.1 to manifest lines; the XML is hostile input."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lensmith.manifest.convert.bounds import Bounds, SizeOf, around, clipped
from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import (
    Origin,
    PixelBox,
    bounding_boxes,
    image_level,
)

_SEPARATORS = re.compile(r"[\s,;]+")


def read_cvat(
    xml: bytes, origin: Origin, size_of: SizeOf = lambda _: None
) -> Iterator[Draft | Problem]:
    """Yield a draft an image: boxes, the boxes around other shapes, tags as image-level labels.

    What lies beyond the frame is cut off; `size_of` reads the size of an image that declares
    none. Points, cuboids and rotated shapes are named. Raises UnreadableSourceError when the data
    is not that of images.
    """
    try:
        root: Element = fromstring(xml)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableSourceError(f"not XML that can be trusted: {error!r}") from error
    if root.tag != "annotations" or root.find("track") is not None:
        raise UnreadableSourceError("not `CVAT for images 1.1`; export in that format")
    numbers: dict[str, int] = {}
    for image in root.findall("image"):
        yield from _read_image(image, numbers, origin, size_of)


def _read_image(
    image: Element, numbers: dict[str, int], origin: Origin, size_of: SizeOf
) -> Iterator[Draft | Problem]:
    name = image.get("name", "")
    declared = _numbers(image, "width", "height")
    size = (declared[0], declared[1]) if declared and all(declared) else size_of(name)
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
            inside = clipped(edges, size) if size is not None else edges
            boxes.append(PixelBox(numbers.setdefault(label, len(numbers)), *inside))
    if size is None:
        yield Problem(ProblemKind.NO_SIZE, name)
        return
    names = {number: label for label, number in numbers.items()}
    attributes = image_level(labels, origin.created)
    if boxes or not labels:
        attributes |= bounding_boxes(size, boxes, names, origin)
    yield Draft(name, attributes)


def _edges(shape: Element) -> Bounds | None:
    """Return the box of a shape or around it; None for rotated ones, points, cuboids."""
    if _number(shape.get("rotation", "0")):
        return None
    match shape.tag:
        case "box":
            return _corners(_numbers(shape, "xtl", "ytl", "xbr", "ybr"))
        case "polygon" | "polyline":
            given = [one for one in _SEPARATORS.split(shape.get("points", "").strip()) if one]
            known = [number for one in given if (number := _number(one)) is not None]
            return around(known) if len(known) == len(given) else None
        case "mask":
            found = _numbers(shape, "left", "top", "width", "height")
            return (found[0], found[1], found[2], found[3]) if found else None
        case "ellipse":
            found = _numbers(shape, "cx", "cy", "rx", "ry")
            if not found:
                return None
            x, y, across, down = found
            return x - across, y - down, 2 * across, 2 * down
    return None


def _numbers(shape: Element, *names: str) -> list[float]:
    """Return the numbers of these attributes; nothing unless all are numbers."""
    known = [number for name in names if (number := _number(shape.get(name))) is not None]
    return known if len(known) == len(names) else []


def _corners(found: list[float]) -> Bounds | None:
    if not found or found[2] < found[0] or found[3] < found[1]:
        return None
    left, top, right, bottom = found
    return left, top, right - left, bottom - top


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None
