"""One labelled picture of the training set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lensmith.domain.geometry import Box
from lensmith.domain.readable import Readable
from lensmith.domain.scene import numbered


@dataclass(frozen=True, slots=True)
class Example:
    """A local image file with its annotations; labels are indices into the model's label list.

    For a detector, an example with labels and no boxes is a picture of nothing but a logo.
    """

    image: Readable
    labels: tuple[int, ...]  # of the whole image, each once
    boxes: tuple[tuple[int, Box], ...] = ()  # (label, fractions of the upright image)
    scene: int | None = None  # shared by pictures of one scene; None when it shows its own


def scenes_of(examples: Sequence[Example]) -> list[int]:
    """Number the scenes; a picture without one has a number that no other has."""
    return numbered(example.scene for example in examples)
