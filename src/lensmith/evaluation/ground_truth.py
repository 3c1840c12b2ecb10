"""Ground truth of the used images, and its form in the snapshot files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from lensmith.domain.geometry import Box

LABELLING_JOB = "rekognition-custom-labels-training-job"
_ATTRIBUTE = "rekognition-custom-labels-training"


@dataclass(frozen=True, slots=True)
class Annotator:
    """Whether people labelled, and when, as written in the manifest."""

    human_annotated: str = "yes"
    creation_date: str = ""


@dataclass(frozen=True, slots=True)
class ImageSize:
    """Declared size of an image in pixels."""

    width: int
    height: int
    depth: int = 3

    def pixels(self, box: Box) -> dict[str, int]:
        """Convert a box to whole pixels, inside the image and at least one pixel wide and high."""
        left, width = _span(box.left, box.width, self.width)
        top, height = _span(box.top, box.height, self.height)
        return {"left": left, "top": top, "width": width, "height": height}


@dataclass(frozen=True, slots=True)
class GroundTruth:
    """The usable annotations of one image: image-level labels or boxes, never both."""

    source_ref: str
    line: int  # from 1, in the validation manifest
    labels: tuple[tuple[str, Annotator], ...] = ()  # each label once
    boxes: tuple[tuple[str, Box], ...] = ()  # fractions of the image
    size: ImageSize | None = None  # given with boxes
    annotator: Annotator = Annotator()  # of the boxes


def training_snapshot(images: Iterable[GroundTruth]) -> Iterator[bytes]:
    """Yield the lines of TrainingGroundTruth-<project>-<version>.json (evaluation.md 4.4)."""
    for number, image in enumerate(images, start=1):
        yield encode_line(image, number, {})


def encode_line(image: GroundTruth, number: int, evaluation: dict[str, Any]) -> bytes:
    """Encode one snapshot line: ground truth, `evaluation`, the number within the file."""
    line = {
        "source-ref": image.source_ref,
        **(_box_attribute(image) if image.boxes else _label_attributes(image)),
        **evaluation,
        "rekognition-custom-labels-object-id": number,
        "line-idx": image.line,
    }
    return msgspec.json.encode(line) + b"\n"


def box_value(
    boxes: Sequence[tuple[str, Box]], size: ImageSize
) -> tuple[dict[str, Any], dict[str, str]]:
    """Build the value of a box attribute, and the class-map of its class ids."""
    ids = {name: number for number, name in enumerate(dict.fromkeys(name for name, _ in boxes))}
    value = {
        "annotations": [{"class_id": ids[name], **size.pixels(box)} for name, box in boxes],
        "image_size": [{"width": size.width, "height": size.height, "depth": size.depth}],
    }
    return value, {str(number): name for name, number in ids.items()}


def _label_attributes(image: GroundTruth) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    for number, (name, annotator) in enumerate(image.labels):
        attributes[f"{_ATTRIBUTE}-{number}"] = 1
        attributes[f"{_ATTRIBUTE}-{number}-metadata"] = {
            "confidence": 1.0,
            "job-name": LABELLING_JOB,
            "class-name": name,
            "human-annotated": annotator.human_annotated,
            "creation-date": annotator.creation_date,
            "type": "groundtruth/image-classification",
        }
    return attributes


def _box_attribute(image: GroundTruth) -> dict[str, Any]:
    assert image.size is not None
    value, class_map = box_value(image.boxes, image.size)
    metadata = {
        "job-name": LABELLING_JOB,
        "class-map": class_map,
        "human-annotated": image.annotator.human_annotated,
        "objects": [{"confidence": 1.0} for _ in image.boxes],
        "creation-date": image.annotator.creation_date,
        "type": "groundtruth/object-detection",
    }
    return {f"{_ATTRIBUTE}-0": value, f"{_ATTRIBUTE}-0-metadata": metadata}


def _span(start: float, length: float, size: int) -> tuple[int, int]:
    first = min(max(round(start * size), 0), size - 1)
    last = min(max(round((start + length) * size), first + 1), size)
    return first, last - first
