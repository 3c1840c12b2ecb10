"""Draws distractors that resemble logos: words, signs, curves, logos with shuffled parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import ascii_letters, digits

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFont

from lensmith.training.brand.logos import Logo, one_tone_logo, toned_logo

SIDE = 192
NO_LABEL = -1
LETTERS = ascii_letters + digits + "&%!?#"


def draw_distractors(logos: Sequence[Logo], count: int, rng: Generator) -> list[Logo]:
    """Draw `count` distractors, which have no label."""
    kinds: tuple[Callable[[], Logo], ...] = (
        lambda: one_tone_logo(_word(rng), NO_LABEL),
        lambda: one_tone_logo(_sign(rng), NO_LABEL),
        lambda: one_tone_logo(_curve(rng), NO_LABEL),
        lambda: one_tone_logo(_shuffled(logos[int(rng.integers(len(logos)))], rng), NO_LABEL),
        lambda: _thing(rng),
        lambda: _thing(rng),
    )
    return [kinds[number % len(kinds)]() for number in range(count)]


def _word(rng: Generator) -> Image.Image:
    letters = rng.choice(list(LETTERS), rng.integers(1, 9)).tolist()
    text = "".join(letters)
    if rng.random() < 0.2:
        text += "\n" + text[::-1]
    font = ImageFont.load_default(SIDE / 3)
    left, top, right, bottom = ImageDraw.Draw(_empty()).multiline_textbbox((0, 0), text, font)
    stencil = Image.new("L", (int(right - left) + 8, int(bottom - top) + 8))
    ImageDraw.Draw(stencil).multiline_text(
        (4 - left, 4 - top), text, 255, font, stroke_width=int(rng.integers(0, 4))
    )
    return stencil


def _sign(rng: Generator) -> Image.Image:
    """Draw simple shapes over each other, every second one a hole."""
    stencil = _empty()
    canvas = ImageDraw.Draw(stencil)
    reach, fill = SIDE * 0.48, 255
    middle = np.full(2, SIDE / 2)
    for _ in range(rng.integers(1, 6)):
        _shape(canvas, middle, reach, fill, rng)
        middle = middle + rng.normal(0, reach * 0.12, 2)
        reach *= rng.uniform(0.5, 0.9)
        fill = 255 - fill if rng.random() < 0.8 else fill
    return stencil


def _shape(
    canvas: ImageDraw.ImageDraw,
    middle: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    reach: float,
    fill: int,
    rng: Generator,
) -> None:
    """Draw a disc, a polygon, a star, or rays."""
    x, y = middle.tolist()
    kind = rng.integers(4)
    if kind == 0:
        flat = reach * rng.uniform(0.6, 1)
        canvas.ellipse((x - reach, y - flat, x + reach, y + flat), fill=fill)
        return
    corners = int(rng.integers(3, 9))
    angles = np.arange(corners * 2) * np.pi / corners + rng.uniform(0, 2 * np.pi)
    inner = {1: np.cos(np.pi / corners), 2: 0.5}.get(int(kind), 0.0)
    reaches = np.where(np.arange(corners * 2) % 2, reach * inner, reach)
    points = np.stack([x + reaches * np.cos(angles), y + reaches * np.sin(angles)], 1)
    if kind < 3:
        canvas.polygon([(float(px), float(py)) for px, py in points], fill=fill)
        return
    width = int(rng.integers(3, 16))
    for px, py in points[::2].tolist():
        canvas.line([(x, y), (px, py)], fill=fill, width=width)


def _curve(rng: Generator) -> Image.Image:
    """Draw a smooth closed curve, thick, thin or filled."""
    along = np.linspace(0, 2 * np.pi, 80)
    waves = np.arange(1, 5)
    sizes = rng.normal(0, 1, (2, 2, 4)) / waves
    x, y = (
        sizes[axis, 0] @ np.sin(np.outer(waves, along))
        + sizes[axis, 1] @ np.cos(np.outer(waves, along))
        for axis in range(2)
    )
    scale = SIDE * 0.42 / max(np.abs(x).max(), np.abs(y).max())
    points = [
        (float(px), float(py))
        for px, py in zip(SIDE / 2 + x * scale, SIDE / 2 + y * scale, strict=True)
    ]
    stencil = _empty()
    if rng.random() < 0.4:
        ImageDraw.Draw(stencil).polygon(points, fill=255)
    else:
        width = int(rng.integers(4, 24))
        ImageDraw.Draw(stencil).line(points, fill=255, width=width, joint="curve")
    return stencil


def _shuffled(logo: Logo, rng: Generator) -> Image.Image:
    """Shuffle the quarters or ninths of a logo."""
    ink = logo.layers[0].getchannel("A").resize((SIDE, SIDE))
    parts = int(rng.integers(2, 4))
    side = SIDE // parts
    stencil = Image.new("L", (side * parts, side * parts))
    cycle = rng.permutation(parts * parts)  # each part goes where the next one was
    for place, source in zip(cycle.tolist(), np.roll(cycle, 1).tolist(), strict=True):
        left, top = source % parts * side, source // parts * side
        tile = ink.crop((left, top, left + side, top + side))
        stencil.paste(tile, (place % parts * side, place // parts * side))
    return stencil


def _thing(rng: Generator) -> Logo:
    """Draw many shapes of several tones close together, as lamps, wheels and fruit have them."""
    picture = Image.new("RGB", (SIDE, SIDE), _tone(rng))
    canvas = ImageDraw.Draw(picture)
    for _ in range(rng.integers(2, 24)):
        x, y = (rng.normal(0.5, 0.22, 2) * SIDE).tolist()
        across, down = (np.exp(rng.normal(-2.2, 0.7, 2)) * SIDE).tolist()
        corners = (x - across, y - down, x + across, y + down)
        kind = rng.integers(4)
        if kind == 0:
            canvas.ellipse(corners, fill=_tone(rng))
        elif kind == 1:
            canvas.ellipse(corners, outline=_tone(rng), width=int(rng.integers(2, 14)))
        elif kind == 2:
            canvas.rectangle(corners, fill=_tone(rng))
        else:
            canvas.line(corners, fill=_tone(rng), width=int(rng.integers(2, 20)))
    outline = (_sign, _curve)[int(rng.integers(2))](rng)
    if rng.random() < 0.5:  # a whole disc or so
        outline = _empty()
        flat = SIDE * rng.uniform(0.2, 0.5)
        ImageDraw.Draw(outline).ellipse((0, SIDE / 2 - flat, SIDE, SIDE / 2 + flat), fill=255)
    return toned_logo(picture, outline, NO_LABEL)


def _tone(rng: Generator) -> tuple[int, ...]:
    """Draw a tone, nearly grey more often than not."""
    grey = rng.uniform(0, 255)
    drawn = (grey + rng.normal(0, rng.choice([8.0, 60.0]), 3)).clip(0, 255)
    return tuple(drawn.astype(int).tolist())


def _empty() -> Image.Image:
    return Image.new("L", (SIDE, SIDE))
