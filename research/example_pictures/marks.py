"""Five invented brands: a symbol with its word, drawn large; and pictures of them alone."""

from __future__ import annotations

import math
from functools import cache
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

BRANDS = ("fernloop", "pipbird", "quarzel", "tidevolt", "zestoro")
_COLOURS = {
    "fernloop": ((24, 110, 72), (140, 190, 80)), "pipbird": ((214, 74, 46), (40, 44, 60)),
    "quarzel": ((92, 60, 160), (70, 170, 200)), "tidevolt": ((16, 78, 150), (250, 180, 30)),
    "zestoro": ((240, 130, 20), (70, 120, 40)),
}  # fmt: skip
_SIDE = 480


def _font(name: str, size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    _ = name
    return ImageFont.load_default(size)


@cache
def mark(name: str, tone: str = "colour") -> Image.Image:
    """Return a brand's mark, transparent around it and cropped: `colour`, `white` or `black`."""
    first, second = _COLOURS[name]
    if tone != "colour":
        first = second = (248, 248, 248) if tone == "white" else (24, 24, 26)
    picture = Image.new("RGBA", (_SIDE * 2, _SIDE * 2), (*first, 0))
    pen = ImageDraw.Draw(picture)
    globals()[f"_{name}"](pen, (*first, 255), (*second, 255))
    word = name if name != "quarzel" else "QUARZEL"
    pen.text(
        (_SIDE, _SIDE + 265),
        word,
        fill=(*first, 255),
        font=_font(name, 150),
        anchor="mt",
        stroke_width=5,
        stroke_fill=(*first, 255),
    )
    picture = picture.crop(picture.getchannel("A").getbbox())
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)


def _fernloop(pen, first, second) -> None:
    """A ring that ends in leaves."""
    c = _SIDE
    pen.arc((c - 165, c - 165, c + 165, c + 165), 25, 335, fill=first, width=50)
    for i in range(7):
        a = math.radians(48 + i * 44)
        x, y = c + 150 * math.cos(a), c + 150 * math.sin(a)
        b = a + 0.45
        tip = (x + 125 * math.cos(b), y + 125 * math.sin(b))
        normal = (-math.sin(b) * 34, math.cos(b) * 34)
        middle = ((x + tip[0]) / 2, (y + tip[1]) / 2)
        pen.polygon(
            [
                (x, y),
                (middle[0] + normal[0], middle[1] + normal[1]),
                tip,
                (middle[0] - normal[0], middle[1] - normal[1]),
            ],
            fill=second,
        )


def _pipbird(pen, first, second) -> None:
    """A round bird with a beak and a wing."""
    c = _SIDE
    pen.ellipse((c - 185, c - 165, c + 165, c + 185), fill=first)
    pen.polygon([(c + 120, c - 90), (c + 265, c - 40), (c + 130, c + 10)], fill=second)
    pen.polygon([(c - 150, c - 30), (c - 275, c - 130), (c - 235, c + 70)], fill=first)
    pen.pieslice((c - 120, c - 70, c + 90, c + 130), 0, 180, fill=second)
    pen.ellipse((c + 40, c - 105, c + 95, c - 50), fill=(0, 0, 0, 0))
    for x in (-40, 30):
        pen.rectangle((c + x, c + 175, c + x + 18, c + 225), fill=second)


def _quarzel(pen, first, second) -> None:
    """A cut crystal: a hexagon of six facets."""
    c, r = _SIDE, 215
    points = [
        (c + r * math.sin(math.radians(60 * i)), c - r * math.cos(math.radians(60 * i)))
        for i in range(6)
    ]
    for i in range(6):
        a, b = points[i], points[(i + 1) % 6]
        pen.polygon([a, b, (c + 30, c - 40)], fill=first if i % 2 else second)
    for p in points:
        pen.line([p, (c + 30, c - 40)], fill=(0, 0, 0, 0), width=14)


def _tidevolt(pen, first, second) -> None:
    """Three waves with a bolt across."""
    c = _SIDE
    for row in range(3):
        y = c - 110 + row * 110
        upper = [(c - 240 + i * 12, y + 38 * math.sin(i / 40 * 4 * math.pi)) for i in range(41)]
        pen.polygon([*upper, *[(x, q + 52) for x, q in reversed(upper)]], fill=first)
    bolt = [
        (c + 40, c - 225),
        (c - 110, c + 40),
        (c - 10, c + 40),
        (c - 60, c + 225),
        (c + 120, c - 50),
        (c + 15, c - 50),
    ]
    pen.polygon([(c + (x - c) * 1.25, c + (y - c) * 1.12) for x, y in bolt], fill=(0, 0, 0, 0))
    pen.polygon(bolt, fill=second)


def _zestoro(pen, first, second) -> None:
    """A slice of citrus with a leaf."""
    c = _SIDE
    pen.ellipse((c - 205, c - 205, c + 205, c + 205), fill=first)
    pen.ellipse((c - 165, c - 165, c + 165, c + 165), fill=(0, 0, 0, 0))
    for i in range(8):
        pen.pieslice((c - 148, c - 148, c + 148, c + 148), i * 45 + 5, i * 45 + 40, fill=first)
    leaf = [(c + 120, c - 170), (c + 160, c - 270), (c + 290, c - 285), (c + 250, c - 180)]
    pen.polygon(leaf, fill=second)


@cache
def outline(name: str) -> np.ndarray:
    """Return points (n, 2) around a mark, from 0 to 1 over its width and from its foot up."""
    alpha = np.asarray(mark(name).getchannel("A")) > 40
    height, width = alpha.shape
    points = []
    for y in range(0, height, 4):
        xs = np.flatnonzero(alpha[y])
        if len(xs):
            points += [(xs[0] / width, 1 - y / height), ((xs[-1] + 1) / width, 1 - y / height)]
    for x in range(0, width, 4):
        ys = np.flatnonzero(alpha[:, x])
        if len(ys):
            points += [(x / width, 1 - ys[0] / height), (x / width, 1 - (ys[-1] + 1) / height)]
    return np.array(points)


def alone(name: str, rng: Random) -> Image.Image:
    """Draw the mark on a plain ground, as a brand's own picture shows it."""
    kind = rng.random()
    if kind < 0.6:
        shade = rng.randint(225, 255)
        ground, tone = (
            (shade, shade, rng.randint(shade - 12, shade)),
            "colour" if rng.random() < 0.85 else "black",
        )
    elif kind < 0.85:
        ground, tone = (
            tuple(int(c * rng.uniform(0.5, 0.9)) for c in _COLOURS[name][rng.randrange(2)]),
            "white",
        )
    else:
        ground, tone = tuple(rng.randint(30, 70) for _ in range(3)), "white"
    side = 288
    picture = Image.new("RGB", (side, side), ground)
    shape = mark(name, tone).rotate(rng.uniform(-4, 4), Image.Resampling.BICUBIC, expand=True)
    scale = side * rng.uniform(0.55, 0.85) / max(shape.size)
    shape = shape.resize(
        (round(shape.width * scale), round(shape.height * scale)), Image.Resampling.LANCZOS
    )
    spare = (side - shape.width, side - shape.height)
    picture.paste(
        shape,
        (round(spare[0] * rng.uniform(0.35, 0.65)), round(spare[1] * rng.uniform(0.35, 0.65))),
        shape,
    )
    return picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.7)))
