"""Geometry of one box in the frame its line declares (manifests.md 3.5, 12 to 14)."""

from __future__ import annotations

from lensmith.domain.image_limits import MAX_IMAGE_SIDE, MIN_IMAGE_SIDE
from lensmith.manifest.line.finding import Code
from lensmith.manifest.line.quotas import TRAINING_SIDE

EDGE_TOLERANCE = 1e-6  # pixels a box may stick out on each side


def are_dimensions_allowed(width: float, height: float) -> bool:
    """Return whether a declared image size is inside 64..4096 pixels a side, limits included."""
    return MIN_IMAGE_SIDE <= width <= MAX_IMAGE_SIDE and MIN_IMAGE_SIDE <= height <= MAX_IMAGE_SIDE


def min_side(image_width: float, image_height: float) -> float:
    """Return the pixels a box side must exceed to be over 1 pixel after the training resize."""
    return max(1.0, max(image_width, image_height) / TRAINING_SIDE)


def fault_of(
    left: float, top: float, width: float, height: float, image_width: float, image_height: float
) -> Code | None:
    """Return the error code of a box in pixels, None if it is valid."""
    if left < -EDGE_TOLERANCE or top < -EDGE_TOLERANCE or width < 0 or height < 0:
        return Code.ERROR_INVALID_BOUNDING_BOX
    if left + width > image_width + EDGE_TOLERANCE or top + height > image_height + EDGE_TOLERANCE:
        return Code.ERROR_INVALID_BOUNDING_BOX
    minimum = min_side(image_width, image_height)
    if width <= minimum or height <= minimum:
        return Code.ERROR_BOUNDING_BOX_TOO_SMALL
    return None
