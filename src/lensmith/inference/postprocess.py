"""Turns network outputs into detections: non-maximum suppression per label, upright fractions."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lensmith.domain.geometry import Box
from lensmith.domain.label import Detection
from lensmith.inference.artefact import Artefact
from lensmith.inference.preprocess import Placement, Size

MIN_CONFIDENCE = 0.001
MAX_BOXES = 100

# Enough for 100 survivors; bounds the time when a network scores high everywhere.
_MAX_CANDIDATES = 2000

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]


def classified(scores: Floats, artefact: Artefact) -> tuple[Detection, ...]:
    """Rank every label once, from `scores` [labels]."""
    # Python's numbers: numpy takes longer for the few there are. No number is no confidence.
    confidences = [min(score, 1.0) if score > 0 else 0.0 for score in scores.tolist()]
    pairs = zip(artefact.labels, confidences, strict=True)
    return _ranked(Detection(name, confidence) for name, confidence in pairs)


def detected(
    boxes: Floats, scores: Floats, placement: Placement, artefact: Artefact
) -> tuple[Detection, ...]:
    """Select at most 100 boxes in fractions of the upright image (evaluation.md 2.1).

    `boxes` [candidates, 4] in fractions of the input frame, `scores` [candidates, labels].
    """
    corners = to_image(boxes, placement, artefact.input_size)
    candidates, labels = _strongest(corners, scores)
    corners, confidences = corners[candidates], scores[candidates, labels]
    return _ranked(
        Detection(
            artefact.labels[labels[row]], min(float(confidences[row]), 1.0), _box(corners[row])
        )
        for row in suppress(corners, labels, artefact.nms_iou, MAX_BOXES)
    )


def to_image(boxes: Floats, placement: Placement, frame: Size) -> Floats:
    """Convert fractions of the input frame to fractions of the upright image, clamped."""
    sides = np.array([placement.width, placement.height] * 2, np.float32)
    origin = np.array([placement.left, placement.top] * 2, np.float32)
    placed: Floats = (boxes * np.array(frame * 2, np.float32) - origin) / sides
    return placed.clip(0.0, 1.0)


def suppress(corners: Floats, labels: Indices, iou: float, limit: int) -> list[int]:
    """Apply non-maximum suppression per label; rows come best first, returns those kept."""
    areas = _areas(corners)
    alive = np.ones(len(corners), bool)
    kept: list[int] = []
    for row in range(len(corners)):
        if not alive[row]:
            continue
        kept.append(row)
        if len(kept) == limit:
            break
        rest = slice(row + 1, None)
        shared = _intersections(corners[row], corners[rest])
        same = shared > iou * (areas[row] + areas[rest] - shared)
        alive[rest] &= ~(same & (labels[rest] == labels[row]))
    return kept


def _strongest(corners: Floats, scores: Floats) -> tuple[Indices, Indices]:
    """Select candidate and label of the best scores, best first, without empty boxes."""
    solid = _areas(corners) > 0
    candidates, labels = np.nonzero((scores >= MIN_CONFIDENCE) & solid[:, None])
    order = np.argsort(-scores[candidates, labels], kind="stable")[:_MAX_CANDIDATES]
    return candidates[order], labels[order]


def _areas(corners: Floats) -> Floats:
    return _product(np.maximum(corners[:, 2:] - corners[:, :2], 0.0))


def _intersections(one: Floats, others: Floats) -> Floats:
    """Compute the intersection area of one box with each of the others."""
    sides = np.minimum(one[2:], others[:, 2:]) - np.maximum(one[:2], others[:, :2])
    return _product(np.maximum(sides, 0.0))


def _product(sides: Floats) -> Floats:
    areas: Floats = sides[:, 0] * sides[:, 1]
    return areas


def _box(corners: Floats) -> Box:
    left, top, right, bottom = corners.tolist()
    return Box(left, top, right - left, bottom - top)


def _ranked(detections: Iterable[Detection]) -> tuple[Detection, ...]:
    return tuple(sorted(detections, key=lambda found: (-found.confidence, found.name)))
