"""Manifest lines, well-formed unless a test changes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

IMAGE_LEVEL = "groundtruth/image-classification"
BOUNDING_BOX = "groundtruth/object-detection"

Json = dict[str, Any]


def image_metadata(label: str = "fog", **changes: Any) -> Json:
    """Metadata of an image-level attribute; `changes` in snake case replace fields."""
    metadata = {
        "class-name": label,
        "confidence": 1,
        "type": IMAGE_LEVEL,
        "job-name": "labeling-job/weather",
        "human-annotated": "yes",
        "creation-date": "2024-02-03T04:05:06.000007",
    }
    return _changed(metadata, changes)


def image_line(*labels: str, image: str = "s3://lab/img/a1.png") -> Json:
    """A line with one image-level attribute for each label."""
    line: Json = {"source-ref": image}
    for index, label in enumerate(labels or ("fog",)):
        line[f"weather{index}"] = 1
        line[f"weather{index}-metadata"] = image_metadata(label)
    return line


def box(
    class_id: Any = 0, left: Any = 10, top: Any = 20, width: Any = 90, height: Any = 40
) -> Json:
    return {"class_id": class_id, "left": left, "top": top, "width": width, "height": height}


def boxes(*annotations: Json, width: Any = 800, height: Any = 600) -> Json:
    """The value of a box attribute."""
    return {
        "image_size": [{"width": width, "height": height, "depth": 3}],
        "annotations": list(annotations),
    }


def box_metadata(count: int, names: Iterable[str] = ("bolt",), **changes: Any) -> Json:
    metadata = {
        "objects": [{"confidence": 1}] * count,
        "class-map": {str(index): name for index, name in enumerate(names)},
        "type": BOUNDING_BOX,
        "human-annotated": "yes",
        "creation-date": "2024-02-03T04:05:06.123Z",
        "job-name": "labeling-job/parts",
    }
    return _changed(metadata, changes)


def box_line(
    *annotations: Json,
    names: Iterable[str] = ("bolt",),
    image: str = "s3://lab/img/b7.jpg",
    **metadata: Any,
) -> Json:
    """A line with one box attribute named `parts`, of 800 x 600 pixels."""
    return {
        "source-ref": image,
        "parts": boxes(*annotations),
        "parts-metadata": box_metadata(len(annotations), names, **metadata),
    }


def without(mapping: Json, key: str) -> Json:
    return {name: value for name, value in mapping.items() if name != key}


def encoded(line: Json) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode()


def manifest(lines: Iterable[Json]) -> Iterator[bytes]:
    return map(encoded, lines)


def codes_by_place(line: Json, keys: tuple[str, ...] = ("errors", "warnings")) -> dict[str, str]:
    """Where the annotated line holds findings: `path/to/holder` -> codes joined by a comma."""
    return {
        path: ",".join(finding["code"] for key in keys for finding in holder.get(key, []))
        for path, holder in _objects(line, "")
        if any(key in holder for key in keys)
    }


def _objects(value: Any, path: str) -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict):
        yield path, value
        for key, inner in value.items():
            yield from _objects(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _objects(inner, f"{path}/{index}")


def _changed(metadata: Json, changes: Json) -> Json:
    """With fields replaced; None removes one."""
    renamed = {name.replace("_", "-"): value for name, value in changes.items()}
    merged = {**metadata, **renamed}
    return {name: value for name, value in merged.items() if value is not None}
