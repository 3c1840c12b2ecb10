"""Two marks that Pillow draws: a ring with a bar, and three stairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

Colour = tuple[int, int, int]

NAMES = ("ring", "stairs")
SIDE = 96


def stencil(name: str) -> Image.Image:
    """The mark from edge to edge, white on black, mode L."""
    drawn = Image.new("L", (SIDE, SIDE))
    canvas = ImageDraw.Draw(drawn)
    if name == "ring":
        canvas.ellipse((0, 0, SIDE - 1, SIDE - 1), outline=255, width=14)
        canvas.rectangle((0, 40, SIDE - 1, 55), fill=255)
    else:
        for step in range(3):
            canvas.rectangle((32 * step, 64 - 32 * step, SIDE - 1, 95 - 32 * step), fill=255)
    return drawn


def drawn_logo(name: str, ink: Colour, background: Colour, margin: int = 12) -> Image.Image:
    picture = Image.new("RGB", (SIDE + 2 * margin, SIDE + 2 * margin), background)
    picture.paste(ink, (margin, margin), stencil(name))
    return picture


def write_logos(folder: Path) -> list[tuple[Path, int]]:
    """Three pictures of each mark with its label."""
    styles: tuple[tuple[Colour, Colour], ...] = (
        ((20, 20, 20), (255, 255, 255)),
        ((255, 255, 255), (30, 60, 120)),
        ((190, 40, 40), (240, 240, 230)),
    )
    written = []
    for label, name in enumerate(NAMES):
        for number, (ink, background) in enumerate(styles):
            path = folder / f"{name}-{number}.png"
            drawn_logo(name, ink, background).save(path)
            written.append((path, label))
    return written


def alpha_of(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.asarray(stencil(name), np.float32) / np.float32(255)
