"""Converts the exports of Label Studio, JSON, JSON-MIN and CSV, to manifest lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from lensmith.manifest.convert.bounds import Bounds, SizeOf, around, clipped, coordinate
from lensmith.manifest.convert.csv_labels import read_rows
from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import (
    Origin,
    PixelBox,
    bounding_boxes,
    image_level,
)
from lensmith.manifest.convert.label_studio_table import (
    is_flat,
    records_of_rows,
    tasks_of_records,
)
from lensmith.manifest.convert.yolo import pixels
from lensmith.manifest.line.entry import is_source_ref

_UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")  # before the name of an uploaded file
_SHAPES = frozenset({"rectanglelabels", "polygonlabels", "ellipselabels", "labels"})
_HIDDEN = frozenset({"relation", "rectangle", "polygon", "textarea", "rating", "number"})


def read_label_studio(
    data: bytes, origin: Origin, size_of: SizeOf = lambda _: None
) -> Iterator[Draft | Problem]:
    """Yield a draft a task: boxes, the boxes around outlines, choices as image-level labels.

    What lies beyond the frame is cut off; `size_of` reads the size of an image where a result does
    not declare it.

    Of several annotations the last counts that was not cancelled; tasks without one are left
    without labels. Raises UnreadableSourceError for data that is neither JSON, JSON-MIN nor CSV of
    Label Studio.
    """
    tasks = _tasks(data.removeprefix(b"\xef\xbb\xbf"))
    numbers: dict[str, int] = {}
    for place, task in enumerate(tasks):
        image = _image(task)
        if image is None:
            yield Problem(ProblemKind.NO_FILE_NAME, f"task {place + 1}")
        else:
            yield from _read_task(task, image, numbers, origin, size_of)


def _tasks(data: bytes) -> list[Any]:
    if not data.lstrip().startswith((b"[", b"{")):
        rows = read_rows(data)
        if not rows or not is_flat(rows[0]):
            raise UnreadableSourceError("neither JSON nor CSV of Label Studio")
        return list(tasks_of_records(records_of_rows(rows)))
    try:
        tasks = msgspec.json.decode(data, type=list[Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableSourceError(f"not JSON of Label Studio: {error}") from error
    records = [task for task in tasks if isinstance(task, dict)]
    if not tasks or any({"annotations", "completions"} & task.keys() for task in records):
        return tasks
    if not any(is_flat(list(task)) for task in records):
        raise UnreadableSourceError("no task has `annotations`: this is no export of Label Studio")
    return list(tasks_of_records(records))


def _image(task: Any) -> str | None:
    data = task.get("data") if isinstance(task, dict) else None
    texts = (
        [text for text in data.values() if isinstance(text, str)] if isinstance(data, dict) else []
    )
    named = data.get("image") if isinstance(data, dict) else None
    image = named if isinstance(named, str) else next(filter(_is_path, texts), None)
    if image is None or is_source_ref(image):
        return image
    parts = urlsplit(image) if "?d=" in image else None  # /data/local-files/?d=PATH
    return parse_qs(parts.query)["d"][0] if parts is not None else image


def _is_path(text: str) -> bool:
    return text.lower().endswith((".png", ".jpg", ".jpeg"))


def _read_task(
    task: dict[str, Any], image: str, numbers: dict[str, int], origin: Origin, size_of: SizeOf
) -> Iterator[Draft | Problem]:
    name = image.replace("\\", "/").rpartition("/")[2]
    bare = _UPLOAD_PREFIX.sub("", name)
    others = (bare,) if bare != name else ()
    size: tuple[float, float] | None = None
    boxes: list[PixelBox] = []
    labels: list[str] = []
    annotation = _annotation(task.get("annotations", task.get("completions")))  # its older name
    results = annotation.get("result") if annotation is not None else None
    for place, result in enumerate(results if isinstance(results, list) else []):
        kind = result.get("type") if isinstance(result, dict) else None
        value = result.get("value") if isinstance(result, dict) else None
        if kind in _HIDDEN:
            continue
        given = value.get(kind) if isinstance(value, dict) and isinstance(kind, str) else None
        chosen = [one for one in given if isinstance(one, str)] if isinstance(given, list) else []
        declared = _size(result) if isinstance(result, dict) else None
        if declared is None and kind in _SHAPES:
            declared = size_of(image) or (size_of(bare) if others else None)
        edges = _edges(value, declared) if kind in _SHAPES and declared is not None else None
        where = f"{image}, result {place + 1}"
        if kind == "choices":
            labels += chosen
        elif not chosen:
            yield Problem(ProblemKind.NO_LABEL_NAME, where)
        elif edges is None:
            yield Problem(ProblemKind.BAD_BOX, where)
        else:
            size = size or declared
            boxes += (PixelBox(numbers.setdefault(one, len(numbers)), *edges) for one in chosen)
    attributes = image_level(labels, origin.created)
    if size is not None:
        names = {number: label for label, number in numbers.items()}
        attributes |= bounding_boxes(size, boxes, names, origin)
    yield Draft(image, attributes, others)


def _annotation(annotations: Any) -> dict[str, Any] | None:
    given = annotations if isinstance(annotations, list) else []
    kept = [one for one in given if isinstance(one, dict) and not one.get("was_cancelled")]
    return kept[-1] if kept else None


def _size(result: dict[str, Any]) -> tuple[float, float] | None:
    sides = result.get("original_width"), result.get("original_height")
    known = [side for side in map(coordinate, sides) if side is not None and side > 0]
    return (known[0], known[1]) if len(known) == 2 else None


def _edges(value: Any, size: tuple[float, float]) -> Bounds | None:
    """Convert percent to pixels within the frame; None for rotated shapes and those without box."""
    if not isinstance(value, dict) or value.get("rotation"):
        return None
    found = _percent(value)
    if found is None:
        return None
    across, down = size[0] / 100, size[1] / 100
    left, top, width, height = found
    inside = clipped((left * across, top * down, width * across, height * down), size)
    return pixels(inside[0]), pixels(inside[1]), pixels(inside[2]), pixels(inside[3])


def _percent(value: dict[str, Any]) -> Bounds | None:
    points = value.get("points")
    if isinstance(points, list):
        pairs = [point for point in points if isinstance(point, list) and len(point) == 2]
        numbers = _coordinates([side for pair in pairs for side in pair])
        return around(numbers) if len(pairs) == len(points) else None
    if "radiusX" in value:
        found = _coordinates([value.get(side) for side in ("x", "y", "radiusX", "radiusY")])
        if not found:
            return None
        x, y, across, down = found
        return x - across, y - down, 2 * across, 2 * down
    found = _coordinates([value.get(side) for side in ("x", "y", "width", "height")])
    return (found[0], found[1], found[2], found[3]) if found else None


def _coordinates(given: list[Any]) -> list[float]:
    """Return the numbers; nothing unless all are numbers."""
    known = [number for one in given if (number := coordinate(one)) is not None]
    return known if len(known) == len(given) else []
