"""Answers of a person to a model's predictions, compared and written as lines (console.md 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from lensmith.manifest.labelling.edit import Marks, edited_line, new_line
from lensmith.manifest.labelling.image import (
    MarkedBox,
    is_box_pair,
    is_image_level_pair,
    read_image,
)
from lensmith.manifest.line.attributes import pairs_of

PREDICTION_KEY = "lensmith-prediction"
"""Key of an attribute's metadata that keeps the model's confidence; training reads past it."""

MATCH_IOU = 0.5  # of a predicted box and the person's (evaluation.md 2.2)


class PredictedLabel(Struct, frozen=True):
    name: str
    confidence: float  # 0..100


class PredictedBox(Struct, frozen=True):
    """A box in whole pixels of the image as shown."""

    label: str
    left: int
    top: int
    width: int
    height: int
    confidence: float  # 0..100


class PredictedImage(Struct, frozen=True):
    width: int = 0
    height: int = 0
    image_labels: tuple[PredictedLabel, ...] = ()
    boxes: tuple[PredictedBox, ...] = ()


class VerifiedAnswer(Struct, frozen=True):
    """The labels that a person gives an image after looking at the prediction."""

    image_labels: tuple[str, ...] = ()
    boxes: tuple[MarkedBox, ...] = ()
    nothing_here: bool = False


class Verification(Struct, frozen=True):
    """Names the review, its model and the time of an answer, for the metadata."""

    job_name: str
    version: str
    created: str  # creation-date


def is_confirmed(predicted: PredictedImage, answer: VerifiedAnswer) -> bool:
    """Return whether the answer is what the model said."""
    boxes = [MarkedBox(b.label, b.left, b.top, b.width, b.height) for b in predicted.boxes]
    return (
        {each.name for each in predicted.image_labels} == set(answer.image_labels)
        and len(boxes) == len(answer.boxes)
        and set(boxes) == set(answer.boxes)
    )


def match_boxes(
    predicted: Sequence[PredictedBox], given: Sequence[MarkedBox]
) -> dict[int, PredictedBox]:
    """Match predicted boxes to given ones of the same label, the most confident first.

    Returns the prediction by the place of the given box; each pair has an IoU of at least 0.5.
    """
    matched: dict[int, PredictedBox] = {}
    for box in sorted(predicted, key=lambda each: -each.confidence):
        candidates = [
            (_iou(box, other), place)
            for place, other in enumerate(given)
            if place not in matched and other.label == box.label
        ]
        best, place = max(candidates, default=(0.0, -1))
        if best >= MATCH_IOU:
            matched[place] = box
    return matched


def verified_line(
    source_ref: str,
    stored: bytes | None,
    predicted: PredictedImage,
    answer: VerifiedAnswer,
    by: Verification,
) -> bytes:
    """Write the line of a verified image; `stored` is the line of its dataset. Raises EditError."""
    size = (predicted.width, predicted.height) if predicted.width and predicted.height else None
    marks = Marks(answer.image_labels, answer.boxes, answer.nothing_here, size, by.created)
    if stored is None:
        line = new_line(source_ref, marks)
    else:
        line = edited_line(stored, read_image(stored.decode()), marks)
    raw: dict[str, Any] = msgspec.json.decode(line)
    confidences = {each.name: each.confidence for each in predicted.image_labels}
    matched = match_boxes(predicted.boxes, answer.boxes)
    for pair in pairs_of(raw):
        if is_image_level_pair(pair):
            kept: Any = {"confidence": confidences.get(pair.metadata["class-name"])}
        elif is_box_pair(pair):
            found = (matched.get(place) for place in range(len(answer.boxes)))
            kept = {"objects": [None if one is None else one.confidence for one in found]}
        else:
            continue
        pair.metadata["job-name"] = by.job_name
        pair.metadata[PREDICTION_KEY] = {"version": by.version, **kept}
    return msgspec.json.encode(raw)


def _iou(a: PredictedBox, b: MarkedBox) -> float:
    width = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
    height = min(a.top + a.height, b.top + b.height) - max(a.top, b.top)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (a.width * a.height + b.width * b.height - common)
