"""One labelled picture, as training sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lensmith.domain.geometry import Box


@dataclass(frozen=True, slots=True)
class Example:
    """A local image file with what is on it; labels are indices into the model's label list.

    With labels and no boxes a detector is shown a logo, which nothing else is on.
    """

    image: Path
    labels: tuple[int, ...]  # of the whole image, each once
    boxes: tuple[tuple[int, Box], ...] = ()  # (label, fractions of the upright image)
