"""Finds images that are unreadable, of unusual shape, or of another shape than declared."""

from __future__ import annotations

from array import array
from statistics import median

import numpy as np

from lensmith.health.entry import ExpectedImage, Frame, ImageFacts
from lensmith.health.finding_kind import FindingKind
from lensmith.health.findings import Findings
from lensmith.health.report import Item

_SIZE_FACTOR = 4.0  # of the side, to the median image
_ASPECT_FACTOR = 2.0  # of longer to shorter side; upright and lying images are alike
_SHAPE_TOLERANCE = 0.02  # between declared and real aspect


class ImageShapes:
    """Collects the sizes of one dataset's images, some bytes each."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._images: list[ExpectedImage] = []
        self._widths, self._heights = array("i"), array("i")

    @property
    def read(self) -> int:
        return len(self._images)

    @property
    def median_size(self) -> tuple[int, int]:
        """Width and height in pixels; 0, 0 when no image was read."""
        if not self._images:
            return 0, 0
        return round(median(self._widths)), round(median(self._heights))

    def add(self, image: ExpectedImage, facts: ImageFacts) -> None:
        self._images.append(image)
        self._widths.append(facts.width)
        self._heights.append(facts.height)
        size = f"{facts.width} x {facts.height} px"
        if facts.fingerprint.is_blank:
            self._add(FindingKind.BLANK_IMAGES, image, size)
        if image.frame is not None and _is_other_shape(image.frame, facts):
            declared = f"declared {image.frame.width:.0f} x {image.frame.height:.0f}"
            self._add(FindingKind.DECLARED_SIZE_DIFFERS, image, f"{size}, {declared}")

    def add_unreadable(self, image: ExpectedImage, reason: str) -> None:
        self._add(FindingKind.UNREADABLE_IMAGES, image, reason)

    def conclude(self) -> None:
        """Add the images that differ much from the median image."""
        if not self._images:
            return
        widths, heights = np.array(self._widths, float), np.array(self._heights, float)
        sides = np.sqrt(widths * heights)
        aspects = np.maximum(widths, heights) / np.minimum(widths, heights)
        for kind, values, factor in (
            (FindingKind.UNUSUAL_SIZE, sides, _SIZE_FACTOR),
            (FindingKind.UNUSUAL_ASPECT, aspects, _ASPECT_FACTOR),
        ):
            distance = values / np.median(values)
            for index in np.nonzero((distance > factor) | (distance < 1 / factor))[0]:
                size = f"{self._widths[index]} x {self._heights[index]} px"
                self._add(kind, self._images[index], size)

    def _add(self, kind: FindingKind, image: ExpectedImage, detail: str) -> None:
        self._findings.add(kind, Item(image.dataset, image.source_ref, None, detail))


def _is_other_shape(declared: Frame, facts: ImageFacts) -> bool:
    ratio = (declared.width / declared.height) / (facts.width / facts.height)
    # A size scaled in proportion is fine; a pixel lost to rounding on a short side is, too.
    return abs(ratio - 1) > _SHAPE_TOLERANCE + 1 / min(facts.width, facts.height)
