"""Converts the exports of Label Studio, JSON, JSON-MIN and CSV, to manifest lines."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, TypeGuard
from urllib.parse import parse_qs, urlsplit

import msgspec

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
_SHAPES = frozenset({"rectanglelabels", "polygonlabels"})
_HIDDEN = frozenset({"relation", "rectangle", "polygon", "textarea", "rating", "number"})


def read_label_studio(data: bytes, origin: Origin) -> Iterator[Draft | Problem]:
    """Yield a draft a task: boxes, the boxes around polygons, choices as image-level labels.

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
            yield from _read_task(task, image, numbers, origin)


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
    if not tasks or any("annotations" in task for task in records):
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
    task: dict[str, Any], image: str, numbers: dict[str, int], origin: Origin
) -> Iterator[Draft | Problem]:
    name = image.replace("\\", "/").rpartition("/")[2]
    bare = _UPLOAD_PREFIX.sub("", name)
    others = (bare,) if bare != name else ()
    size: tuple[float, float] | None = None
    boxes: list[PixelBox] = []
    labels: list[str] = []
    annotation = _annotation(task.get("annotations"))
    results = annotation.get("result") if annotation is not None else None
    for place, result in enumerate(results if isinstance(results, list) else []):
        kind = result.get("type") if isinstance(result, dict) else None
        value = result.get("value") if isinstance(result, dict) else None
        if kind in _HIDDEN:
            continue
        given = value.get(kind) if isinstance(value, dict) and isinstance(kind, str) else None
        chosen = [one for one in given if isinstance(one, str)] if isinstance(given, list) else []
        declared = _size(result) if isinstance(result, dict) else None
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
    known = [side for side in sides if _is_number(side) and side > 0]
    return (known[0], known[1]) if len(known) == 2 else None


def _edges(value: Any, size: tuple[float, float]) -> tuple[float, float, float, float] | None:
    """Convert percent to left, top, width, height in pixels; None for rotated boxes."""
    if not isinstance(value, dict) or value.get("rotation"):
        return None
    points = value.get("points")
    if isinstance(points, list):
        if not points or not all(isinstance(one, list) and len(one) == 2 for one in points):
            return None
        numbers = [number for point in points for number in point]
    else:
        numbers = [value.get(side) for side in ("x", "y", "width", "height")]
    if not all(_is_number(number) for number in numbers):
        return None
    if isinstance(points, list):
        left, top = min(numbers[::2]), min(numbers[1::2])
        width, height = max(numbers[::2]) - left, max(numbers[1::2]) - top
    else:
        left, top, width, height = numbers
    across, down = size[0] / 100, size[1] / 100
    return pixels(left * across), pixels(top * down), pixels(width * across), pixels(height * down)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
