"""COCO object detection JSON, written picture by picture.

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
    """`coco.json`; when images do not come along, `coco_url` says where they are."""
    path = folder / "coco.json"
    with whole_file(path) as file:
        _write_list(file, b'{"images":[', _images(fitted, with_images))
        _write_list(file, b'],"annotations":[', _annotations(fitted))
        _write_list(file, b'],"categories":[', _categories(fitted))
        file.write(b"]}\n")
    return path


def _images(fitted: Fitted, with_images: bool) -> Iterator[dict[str, Any]]:
    for number, picture in enumerate(fitted.pictures, 1):
        width, height = picture.size
        image = {"id": number, "file_name": picture.name, "width": width, "height": height}
        yield image if with_images else {**image, "coco_url": picture.source_ref}


def _annotations(fitted: Fitted) -> Iterator[dict[str, Any]]:
    boxes = (
        (image, box) for image, picture in enumerate(fitted.pictures, 1) for box in picture.boxes
    )
    for number, (image, box) in enumerate(boxes, 1):
        yield {
            "id": number,
            "image_id": image,
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
