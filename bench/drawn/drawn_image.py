"""Drawn sets, their images and the manifest lines of these."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from PIL import Image

_CREATED = "2026-01-01T00:00:00"


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A labelled box in pixels of the image."""

    label: str
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class DrawnImage:
    """One drawn image with an image-level label or boxes."""

    name: str  # file name
    image: Image.Image
    label: str | None = None
    boxes: tuple[DrawnBox, ...] = ()

    def jpeg(self) -> bytes:
        buffer = io.BytesIO()
        self.image.save(buffer, "JPEG", quality=90)
        return buffer.getvalue()

    def manifest_line(self, folder: str) -> str:
        """Return the Ground Truth line of the image, stored under `folder` (`s3://bucket/prefix`)."""
        source = {"source-ref": f"{folder}/{self.name}"}
        labels = self._box_attribute() if self.label is None else self._image_attribute(self.label)
        return json.dumps(source | labels)

    def _image_attribute(self, label: str) -> dict[str, Any]:
        metadata = _metadata("image-classification") | {"class-name": label, "confidence": 1}
        return {label: 1, f"{label}-metadata": metadata}

    def _box_attribute(self) -> dict[str, Any]:
        names = sorted({box.label for box in self.boxes})
        annotations = [
            {
                "class_id": names.index(box.label),
                "left": box.left,
                "top": box.top,
                "width": box.width,
                "height": box.height,
            }
            for box in self.boxes
        ]
        width, height = self.image.size
        metadata = _metadata("object-detection") | {
            "class-map": {str(index): name for index, name in enumerate(names)},
            "objects": [{"confidence": 1} for _ in self.boxes],
        }
        size = [{"width": width, "height": height, "depth": 3}]
        return {
            "bounding-box": {"image_size": size, "annotations": annotations},
            "bounding-box-metadata": metadata,
        }


@dataclass(frozen=True, slots=True)
class ExampleSet:
    """A set that is drawn when needed: the same seed draws the same images."""

    name: str  # of projects made of it
    labels: tuple[str, ...]
    draw: Callable[[Random, int], DrawnImage]  # (rng, index) -> image

    def images(self, split: str, count: int) -> Sequence[DrawnImage]:
        """Draw `count` images of one split; splits share no image."""
        return [self.draw(Random(f"{self.name} {split} {i}"), i) for i in range(count)]


def _metadata(kind: str) -> dict[str, Any]:
    return {
        "type": f"groundtruth/{kind}",
        "human-annotated": "yes",
        "creation-date": _CREATED,
        "job-name": "labeling-job/lensmith-drawn",
    }
