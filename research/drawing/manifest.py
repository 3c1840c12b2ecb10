"""Manifests of drawn sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

CREATED = "2026-01-01T00:00:00"

Bounds = tuple[float, float, float, float]  # left, top, width, height in pixels


def label_line(source_ref: str, label: str) -> dict[str, Any]:
    """One image-level label, which becomes the attribute `logo`."""
    return {
        "source-ref": source_ref,
        "logo": 1,
        "logo-metadata": {
            "class-name": label,
            "confidence": 1,
            "type": "groundtruth/image-classification",
            "human-annotated": "yes",
            "creation-date": CREATED,
        },
    }


def box_line(
    source_ref: str,
    size: tuple[int, int],
    boxes: Iterable[tuple[str, Bounds]],
    labels: Sequence[str],
    attribute: str,
) -> dict[str, Any]:
    """The boxes of an image of `size` (width, height), `class_id` being the index in `labels`."""
    numbers = {label: number for number, label in enumerate(labels)}
    annotations = [
        {"class_id": numbers[label], **dict(zip(_SIDES, bounds, strict=True))}
        for label, bounds in boxes
    ]
    return {
        "source-ref": source_ref,
        attribute: {
            "image_size": [{"width": size[0], "height": size[1], "depth": 3}],
            "annotations": annotations,
        },
        f"{attribute}-metadata": {
            "objects": [{"confidence": 1} for _ in annotations],
            "class-map": {str(number): label for label, number in numbers.items()},
            "type": "groundtruth/object-detection",
            "human-annotated": "no",
            "creation-date": CREATED,
        },
    }


def write_manifest(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))


_SIDES = ("left", "top", "width", "height")
