"""What the systems that are not Lensmith answer."""

from __future__ import annotations

from typing import Any

from lensmith.domain.geometry import Box
from lensmith.domain.label import Prediction


def as_json(prediction: Prediction) -> list[dict[str, Any]]:
    return [
        {"name": found.name, "confidence": found.confidence, "box": _corner_and_sides(found.box)}
        for found in prediction.detections
        if found.confidence >= prediction.thresholds[found.name]
    ]


def _corner_and_sides(box: Box | None) -> list[float] | None:
    return None if box is None else [box.left, box.top, box.width, box.height]
