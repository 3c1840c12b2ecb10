"""Large drawn pictures whose labels are the colours of small marks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.random import default_rng
from PIL import Image, ImageDraw

from lensmith.training.data.example import Example

MARKS = ("red", "green", "blue")
_COLOURS = ((220, 30, 30), (30, 170, 50), (40, 60, 220))
_SIDE, _MARK, _NOISE = 640, 12, 35  # pixels, grey levels either way


def small_marks(
    folder: Path, count: int, seed: int, mark: int = _MARK, noise: int = _NOISE
) -> list[Example]:
    """Draw noisy pictures of 640 pixels a side, each with one mark or two of other colours."""
    rng = default_rng(seed)
    examples = []
    for index in range(count):
        labels = sorted({index % 3, int(rng.integers(3))})
        ground = rng.integers(125 - noise, 125 + noise, (_SIDE, _SIDE, 3), dtype=np.uint8)
        picture = Image.fromarray(ground)
        canvas = ImageDraw.Draw(picture)
        for label, place in zip(labels, rng.permutation(256).tolist(), strict=False):
            left, top = (40 * step + 8 for step in divmod(place, 16))
            canvas.rectangle((left, top, left + mark - 1, top + mark - 1), fill=_COLOURS[label])
        path = folder / f"marks-{seed}-{index}.png"
        picture.save(path, compress_level=0)
        examples.append(Example(path, tuple(labels)))
    return examples
