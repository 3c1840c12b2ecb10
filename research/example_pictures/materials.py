"""Materials as tiled pictures: planks, tiles, bricks, paving, fabric, plaster, lawn."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from random import Random
from uuid import uuid4

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from research.example_pictures.povray import rgb, vec

_FOLDER = Path(tempfile.mkdtemp(prefix="materials-"))
_SIZE = 512
_TURNS = {"floor": "rotate x*90", "back": "", "side": "rotate y*90"}


def noise(rng: np.random.Generator, shape, cell, octaves: int = 4) -> np.ndarray:
    """Return value noise of mean 0 and about unit range that repeats at the borders."""
    height, width = shape
    total = np.zeros(shape)
    for octave in range(octaves):
        ny = max(1, round(height / (cell[0] / 2**octave)))
        nx = max(1, round(width / (cell[1] / 2**octave)))
        grid = rng.random((min(ny, height), min(nx, width))).astype(np.float32)
        wide = np.pad(grid, 2, mode="wrap")
        scaled = Image.fromarray(wide).resize(
            (
                round(width * wide.shape[1] / grid.shape[1]),
                round(height * wide.shape[0] / grid.shape[0]),
            ),
            Image.Resampling.BICUBIC,
        )
        top = round(2 * height / grid.shape[0])
        left = round(2 * width / grid.shape[1])
        total += (np.asarray(scaled)[top : top + height, left : left + width] - 0.5) / 2**octave
    return total


def _coloured(colour, value: np.ndarray) -> np.ndarray:
    return np.clip(np.asarray(colour)[None, None] * 255 * value[..., None], 0, 255)


def _grain(rng: np.random.Generator, shape) -> np.ndarray:
    """Return wood grain that runs along x."""
    warp = noise(rng, shape, (40, 300), 3)
    rows = np.arange(shape[0])[:, None] / shape[0]
    rings = np.sin((rows * 26 + warp * 5) * 2 * np.pi) * 0.05
    return 1 + rings + noise(rng, shape, (3, 90), 2) * 0.22 + warp * 0.18


def planks(rng: Random, colour, rows: int = 8, gap: int = 2, vary: float = 0.1) -> Image.Image:
    draw = np.random.default_rng(rng.randrange(2**31))
    pixels = np.zeros((_SIZE, _SIZE, 3))
    height = _SIZE // rows
    for row in range(rows):
        cut = rng.randrange(_SIZE)
        shade = np.ones((height, _SIZE)) * (1 + rng.uniform(-vary, vary))
        shade[:, cut:] *= 1 + rng.uniform(-vary, vary)
        shade *= np.roll(_grain(draw, (height, _SIZE)), rng.randrange(_SIZE), axis=1)
        shade[:gap] *= 0.45
        shade[:, cut : cut + gap] *= 0.45
        pixels[row * height : (row + 1) * height] = _coloured(colour, shade)
    return Image.fromarray(pixels.astype(np.uint8))


def tiles(
    rng: Random, colour, columns: int = 6, rows: int = 6, gap: int = 5, joint=(0.75, 0.74, 0.72),
    vary: float = 0.04, offset: float = 0.0, mottle: float = 0.08,
) -> Image.Image:  # fmt: skip
    draw = np.random.default_rng(rng.randrange(2**31))
    pixels = np.asarray(_coloured(joint, np.ones((_SIZE, _SIZE)))).copy()
    cloud = 1 + noise(draw, (_SIZE, _SIZE), (120, 120), 5) * mottle
    height, width = _SIZE // rows, _SIZE // columns
    for row in range(rows):
        shift = int(offset * (row % 2) * width)
        for column in range(columns):
            value = cloud[row * height : (row + 1) * height, column * width : (column + 1) * width]
            tile = _coloured(colour, value * (1 + rng.uniform(-vary, vary)))[gap:, gap:]
            xs = (np.arange(width - gap) + column * width + shift) % _SIZE
            ys = np.arange(height - gap) + row * height
            pixels[np.ix_(ys, xs)] = tile[: len(ys), : len(xs)]
    return Image.fromarray(pixels.astype(np.uint8))


def bricks(rng: Random, colour) -> Image.Image:
    wall = tiles(
        rng, colour, columns=5, rows=14, gap=6, joint=(0.72, 0.69, 0.64), vary=0.16, offset=0.5,
        mottle=0.35,
    )  # fmt: skip
    return wall.filter(ImageFilter.GaussianBlur(0.8))


def paving(rng: Random, colour) -> Image.Image:
    return tiles(rng, colour, 4, 6, 8, tuple(c * 0.55 for c in colour), 0.1, 0.5, 0.4)


@cache
def _grey(kind: str, variant: int) -> str:
    """Keep a grey pattern of mean one half, which scenes colour as they like."""
    draw = np.random.default_rng(variant)
    if kind == "wood":
        value = _grain(draw, (_SIZE, _SIZE)) - 1
    elif kind == "fabric":
        y, x = np.mgrid[:_SIZE, :_SIZE]
        value = 0.08 * np.sin(x / 1.5 * np.pi) * np.sin(y / 1.5 * np.pi)
        value = value + noise(draw, (_SIZE, _SIZE), (60, 60), 5) * 0.12
    else:
        value = noise(draw, (_SIZE, _SIZE), (100, 100), 6) * 0.3
    return saved(Image.fromarray(np.clip(128 + 255 * value, 0, 255).astype(np.uint8)))


def coloured(
    rng: Random,
    kind: str,
    colour,
    size,
    contrast: float = 1.0,
    finish: str = "",
    facing: str = "back",
) -> str:
    """Return a texture of `wood`, `fabric` or `rough` in one colour, laid over x and y."""
    low, high = ([max(0.0, c * (1 + sign * contrast)) for c in colour] for sign in (-1, 1))
    return (
        f'texture {{ pigment {{ pigment_pattern {{ image_map {{ png "{_grey(kind, rng.randrange(3))}" gamma 1 interpolate 2 }} '
        f"scale {vec(size[0], size[1], 1)} {_TURNS[facing]} }} color_map {{ [0 {rgb(low)}][1 {rgb(high)}] }} }} "
        f"finish {{ ambient 0 diffuse 0.8 {finish} }} }}"
    )


def rug(rng: Random, colours) -> Image.Image:
    """Return a bordered carpet with a band, lozenges or stripes."""
    picture = Image.new("RGB", (_SIZE, _SIZE), _bytes(colours[0]))
    pen = ImageDraw.Draw(picture)
    for inset, colour in ((30, colours[1]), (60, colours[0]), (80, colours[2]), (95, colours[0])):
        pen.rectangle((inset, inset, _SIZE - inset, _SIZE - inset), fill=_bytes(colour))
    kind = rng.choice(("lozenges", "stripes", "plain"))
    step = rng.choice((96, 128, 160))
    for y in range(110 + step // 2, _SIZE - 110, step):
        if kind == "stripes":
            pen.rectangle((100, y, _SIZE - 100, y + step // 4), fill=_bytes(colours[1]))
        for x in range(110 + step // 2, _SIZE - 110, step):
            r = step * 0.4
            if kind == "lozenges":
                pen.polygon(
                    [(x - r, y), (x, y - r), (x + r, y), (x, y + r)], fill=_bytes(colours[1])
                )
                r /= 2
                pen.polygon(
                    [(x - r, y), (x, y - r), (x + r, y), (x, y + r)], fill=_bytes(colours[2])
                )
    draw = np.random.default_rng(rng.randrange(2**31))
    value = 1 + noise(draw, (_SIZE, _SIZE), (8, 8), 3) * 0.25
    return Image.fromarray(np.clip(np.asarray(picture) * value[..., None], 0, 255).astype(np.uint8))


def _bytes(colour):
    return tuple(int(c * 255) for c in colour)


def rough(rng: Random, colour, amount: float = 0.1, cell: float = 100) -> Image.Image:
    draw = np.random.default_rng(rng.randrange(2**31))
    value = 1 + noise(draw, (_SIZE, _SIZE), (cell, cell), 6) * amount
    return Image.fromarray(_coloured(colour, value).astype(np.uint8))


def lawn(rng: Random) -> Image.Image:
    draw = np.random.default_rng(rng.randrange(2**31))
    colour = (rng.uniform(0.28, 0.4), rng.uniform(0.45, 0.55), rng.uniform(0.16, 0.22))
    value = (
        1
        + noise(draw, (_SIZE, _SIZE), (9, 4), 3) * 0.7
        + noise(draw, (_SIZE, _SIZE), (200, 200)) * 0.3
    )
    return Image.fromarray(_coloured(colour, value).astype(np.uint8))


def painting(rng: Random) -> Image.Image:
    """Return a framed picture's content: a landscape or coloured shapes."""
    picture = Image.new("RGB", (320, 240))
    pen = ImageDraw.Draw(picture)
    if rng.random() < 0.5:
        sky = (rng.randint(150, 230), rng.randint(180, 220), rng.randint(210, 240))
        pen.rectangle((0, 0, 320, 240), fill=sky)
        for layer in range(4):
            base = 110 + layer * 32
            shade = [int(c * (0.85 - 0.17 * layer)) for c in (120, 150, 120 + rng.randint(-40, 40))]
            heights = [base + rng.randint(-28, 20) for _ in range(9)]
            pen.polygon(
                [(0, 240), *[(i * 40, h) for i, h in enumerate(heights)], (320, 240)],
                fill=tuple(shade),
            )
    else:
        pen.rectangle((0, 0, 320, 240), fill=(235, 228, 215))
        for _ in range(7):
            x, y, r = rng.randint(0, 320), rng.randint(0, 240), rng.randint(20, 90)
            colour = tuple(rng.randint(40, 220) for _ in range(3))
            rng.choice((pen.ellipse, pen.rectangle))(
                (x - r, y - r // 2, x + r, y + r // 2), fill=colour
            )
    return picture.filter(ImageFilter.GaussianBlur(1.5))


def saved(picture: Image.Image) -> str:
    """Keep a picture for POV-Ray and return its path."""
    path = _FOLDER / f"{uuid4()}.png"
    picture.save(path)
    return str(path)


def mapped(
    picture: Image.Image, facing: str, size, finish: str = "", shift=(0, 0, 0), once: bool = False
) -> str:
    """Return a texture that lays the picture over a floor, a back wall or a side wall.

    `size` is the picture's width and height in metres.
    """
    return (
        f'texture {{ pigment {{ image_map {{ png "{saved(picture)}" interpolate 2 '
        f"{'once' if once else ''} }} "
        f"scale {vec(size[0], size[1], 1)} {_TURNS[facing]} translate {vec(*shift)} }} "
        f"finish {{ ambient 0 diffuse 0.8 {finish} }} }}"
    )
