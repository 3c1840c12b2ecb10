"""Reads boxes from Pascal VOC annotation files; the XML is hostile input."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lensmith.manifest.convert.draft import Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.yolo import pixels

_CORNERS = 3  # of a polygon, at least


@dataclass(frozen=True, slots=True)
class VocBox:
    """A box in pixels, as the file counts them."""

    label: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class VocAnnotation:
    """One annotation file."""

    filename: str | None  # or `path` without one
    size: tuple[int, int] | None  # width, height; None where the file does not say
    boxes: tuple[VocBox, ...]
    problems: tuple[Problem, ...]


def read_annotation(xml: bytes, where: str) -> VocAnnotation:
    """Parse one file; raises UnreadableSourceError when it is not a VOC annotation.

    Document type declarations with entities are refused, harmless or not.
    """
    try:
        root: Element = fromstring(xml)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableSourceError(f"not XML that can be trusted: {error!r}") from error
    filename = _text(root, "filename") or _text(root, "path")
    if root.tag != "annotation" or not len(root):
        raise UnreadableSourceError("not a VOC annotation")
    found = list(_objects(root, where))
    return VocAnnotation(
        filename,
        _size(root),
        tuple(one for one in found if isinstance(one, VocBox)),
        tuple(one for one in found if isinstance(one, Problem)),
    )


def _objects(root: Element, where: str) -> Iterator[VocBox | Problem]:
    for number, element in enumerate(root.findall("object"), 1):
        place = f"{where}, object {number}"
        label = _text(element, "name")
        if label is None:
            yield Problem(ProblemKind.NO_LABEL_NAME, place)
            continue
        yield _box(element, label) or Problem(ProblemKind.BAD_BOX, f"{place} ({label})")


def _box(element: Element, label: str) -> VocBox | None:
    edges = [_number(element, f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax")]
    known = [edge for edge in edges if edge is not None]
    if element.find("bndbox") is None:
        known = _around_polygon(element)
    if len(known) < len(edges):
        return None
    left, top, right, bottom = known
    if right < left or bottom < top:
        return None
    return VocBox(label, left, top, pixels(right - left), pixels(bottom - top))


def _around_polygon(element: Element) -> list[float]:
    """Return the edges of the box around `<x1>`, `<y1>` ... or `<pt>`; empty without a polygon."""
    sides: dict[str, list[float]] = {"x": [], "y": []}
    for one in element.iterfind("polygon//*"):
        number = _parsed(one.text)
        if one.tag[:1] in sides and (one.tag[1:].isdecimal() or len(one.tag) == 1):
            sides[one.tag[:1]] += [] if number is None else [number]
    across, down = sides["x"], sides["y"]
    if len(across) != len(down) or len(across) < _CORNERS:
        return []
    return [min(across), min(down), max(across), max(down)]


def _size(root: Element) -> tuple[int, int] | None:
    width, height = _number(root, "size/width"), _number(root, "size/height")
    if width is None or height is None or width < 1 or height < 1:
        return None
    return int(width), int(height)


def _number(element: Element, path: str) -> float | None:
    return _parsed(element.findtext(path))


def _parsed(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _text(element: Element, path: str) -> str | None:
    text = element.findtext(path)
    return text.strip() or None if text is not None else None
