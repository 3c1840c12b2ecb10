"""Writes COCO object detection JSON image by image.

labelformat's writer is not used: it gives annotations no id, without which COCO readers fail,
and sends boxes through their corners, which does not give every float back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from lensmith.exchange.destinations.whole_file import whole_file
from lensmith.exchange.fitting import Capacity, Fitted

CAPACITY = Capacity(boxes=True, needs_size=True)
IMAGES = "images"


def write_coco(fitted: Fitted, folder: Path, *, with_images: bool) -> Path:
    """Write `coco.json`; without the images themselves `coco_url` holds their locations."""
    path = folder / "coco.json"
    with whole_file(path) as file:
        _write_list(file, b'{"images":[', _images(fitted, with_images))
        _write_list(file, b'],"annotations":[', _annotations(fitted))
        _write_list(file, b'],"categories":[', _categories(fitted))
        file.write(b"]}\n")
    return path


def _images(fitted: Fitted, with_images: bool) -> Iterator[dict[str, Any]]:
    for number, image in enumerate(fitted.images, 1):
        width, height = image.size
        record = {"id": number, "file_name": image.name, "width": width, "height": height}
        yield record if with_images else {**record, "coco_url": image.source_ref}


def _annotations(fitted: Fitted) -> Iterator[dict[str, Any]]:
    boxes = (
        (image_id, box) for image_id, image in enumerate(fitted.images, 1) for box in image.boxes
    )
    for number, (image_id, box) in enumerate(boxes, 1):
        yield {
            "id": number,
            "image_id": image_id,
            "category_id": fitted.numbers[box.label],
            "bbox": [box.left, box.top, box.width, box.height],
            "area": box.width * box.height,
            "iscrowd": 0,
        }


def _categories(fitted: Fitted) -> Iterator[dict[str, Any]]:
    for label in fitted.labels:
        yield {"id": fitted.numbers[label], "name": label}


def _write_list(file: IO[bytes], before: bytes, records: Iterable[dict[str, Any]]) -> None:
    file.write(before)
    for number, record in enumerate(records):
        file.write((b",\n" if number else b"\n") + msgspec.json.encode(record))
