"""One labelled picture of the training set."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.domain.geometry import Box
from lensmith.domain.readable import Readable


@dataclass(frozen=True, slots=True)
class Example:
    """A local image file with its annotations; labels are indices into the model's label list.

    For a detector, an example with labels and no boxes is a picture of nothing but a logo.
    """

    image: Readable
    labels: tuple[int, ...]  # of the whole image, each once
    boxes: tuple[tuple[int, Box], ...] = ()  # (label, fractions of the upright image)
