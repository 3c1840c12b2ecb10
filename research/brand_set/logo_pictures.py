"""Logo pictures as someone would collect them: one mark, a plain ground, little around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from research.brand_set.marks import BrandMark, Colour

BLACK, WHITE, GREY = (16, 16, 16), (255, 255, 255), (72, 72, 76)
PAPER, CREAM, SILVER, NIGHT = (238, 238, 236), (250, 240, 214), (196, 200, 204), (22, 26, 40)
SMALLEST = 64  # pixels of a side; smaller pictures are refused (api.md)


@dataclass(frozen=True, slots=True)
class Style:
    """How one of the pictures of a mark looks; no colour means the brand's own."""

    side: int  # of the mark's longer side in pixels
    margin: float  # share of the side
    ink: Colour | None
    ground: Colour | None
    suffix: str = ".png"


STYLES = (
    Style(256, 0.08, None, WHITE),
    Style(480, 0.10, BLACK, WHITE),
    Style(300, 0.20, WHITE, None),
    Style(200, 0.15, WHITE, BLACK),
    Style(128, 0.06, None, PAPER, ".jpg"),
    Style(400, 0.25, None, WHITE, ".jpg"),
    Style(220, 0.12, GREY, CREAM, ".jpg"),
    Style(96, 0.05, BLACK, WHITE),
    Style(340, 0.10, None, SILVER),
    Style(160, 0.12, WHITE, NIGHT, ".jpg"),
)


def write_logo_pictures(mark: BrandMark, folder: Path) -> Iterator[Path]:
    """Ten pictures of the mark."""
    for number, style in enumerate(STYLES):
        path = folder / f"logo-{mark.name}-{number}{style.suffix}"
        _drawn(mark, style).save(path, quality=88)
        yield path


def _drawn(mark: BrandMark, style: Style) -> Image.Image:
    ink = Image.fromarray((mark.stencil * 255).round().astype(np.uint8))
    ink.thumbnail((style.side, style.side), Image.Resampling.LANCZOS)
    margin = round(style.side * style.margin)
    size = [max(SMALLEST, side + 2 * margin) for side in ink.size]
    place = (size[0] - ink.width) // 2, (size[1] - ink.height) // 2
    picture = Image.new("RGB", (size[0], size[1]), style.ground or mark.colour)
    picture.paste(style.ink or mark.colour, place, ink)
    return picture
