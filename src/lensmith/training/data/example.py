"""One labelled picture of the training set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lensmith.domain.geometry import Box


@dataclass(frozen=True, slots=True)
class Example:
    """A local image file with its annotations; labels are indices into the model's label list.

    For a detector, an example with labels and no boxes is a picture of nothing but a logo.
    """

    image: Path
    labels: tuple[int, ...]  # of the whole image, each once
    boxes: tuple[tuple[int, Box], ...] = ()  # (label, fractions of the upright image)
