"""Predicted labels of an image, with confidence and place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lensmith.domain.geometry import Box


@dataclass(frozen=True, slots=True)
class LabelUse:
    """How one dataset uses a label (ListDatasetLabels, manifests.md 6)."""

    name: str
    entry_count: int  # images that carry the label in either form
    box_count: int  # images that carry it on a bounding box


@dataclass(frozen=True, slots=True)
class Detection:
    """One predicted label; `box` only from a detection model."""

    name: str
    confidence: float  # 0..1
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """Everything a model scored on one image, and the assumed threshold of each label.

    Classification: every label once. Detection: at most 100 boxes of confidence >= 0.001 after
    per-label non-maximum suppression (evaluation.md 2.1).
    """

    detections: tuple[Detection, ...]  # confidence descending, ties by name
    thresholds: Mapping[str, float]  # label -> 0..1
