"""The boxes of a whole test set as flat arrays: small enough for the largest dataset."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from lensmith.domain.geometry import Box

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Boxes:
    """Predicted or ground-truth boxes, in file order of their images."""

    image: Indices  # [n] number of the image in the test set, ascending
    label: Indices  # [n] number of the label in the model
    confidence: Floats  # [n] 0..1; 1.0 for ground truth
    edges: Floats  # [n, 4] left, top, right, bottom in fractions of the image

    @classmethod
    def collect(cls, images: Iterable[Iterable[tuple[int, float, Box]]]) -> Self:
        """Collect (label, confidence, box) triples, one iterable an image."""
        # Arrays, not lists: a large test set has millions of predictions.
        numbers, values = array("q"), array("d")
        for image, found in enumerate(images):
            for label, confidence, box in found:
                numbers.extend((image, label))
                right, bottom = box.left + box.width, box.top + box.height
                values.extend((confidence, box.left, box.top, right, bottom))
        index = np.array(numbers, dtype=np.intp).reshape(-1, 2)
        table = np.array(values, dtype=np.float64).reshape(-1, 5)
        return cls(index[:, 0], index[:, 1], table[:, 0], table[:, 1:])

    def __len__(self) -> int:
        return len(self.image)

    def box(self, index: int) -> Box:
        left, top, right, bottom = (float(edge) for edge in self.edges[index])
        return Box(left, top, right - left, bottom - top)


def box_iou(edges: Floats, others: Floats) -> Floats:
    """Compute the intersection over union of every pair: [n, 4] and [m, 4] edges to [n, m]."""
    corner = np.maximum(edges[:, None, :2], others[None, :, :2])
    opposite = np.minimum(edges[:, None, 2:], others[None, :, 2:])
    shared = np.clip(opposite - corner, 0.0, None).prod(axis=2)
    union = _areas(edges)[:, None] + _areas(others)[None, :] - shared
    iou: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return iou


def _areas(edges: Floats) -> Floats:
    areas: Floats = (edges[:, 2] - edges[:, 0]) * (edges[:, 3] - edges[:, 1])
    return areas
