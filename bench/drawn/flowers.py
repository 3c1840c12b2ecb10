"""Four kinds of flowers in a meadow: one image-level label an image."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sin
from random import Random

from bench.drawn.canvas import Canvas, Colour, Point, shade, turned, varied
from bench.drawn.drawn_image import DrawnImage, ExampleSet

_WIDTH, _HEIGHT = 480, 360
_LEAF: Colour = (66, 128, 58)
_SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((128, 186, 230), (226, 238, 240)),
    ((244, 190, 140), (250, 226, 190)),
    ((150, 170, 190), (214, 220, 222)),
    ((96, 150, 210), (190, 220, 170)),
)
_MEADOWS: tuple[Colour, ...] = ((104, 148, 74), (132, 152, 84), (84, 132, 90))


def _meadow(rng: Random) -> Canvas:
    sky = rng.choice(_SKIES)
    canvas = Canvas.gradient(_WIDTH, _HEIGHT, varied(rng, sky[0]), varied(rng, sky[1]))
    horizon = rng.uniform(0.35, 0.6) * _HEIGHT
    for depth in range(3):
        _hill(canvas, rng, horizon + depth * 34, shade(rng.choice(_MEADOWS), 1.3 - depth / 6))
    for _ in range(36):
        x, y = rng.uniform(0, _WIDTH), rng.uniform(horizon, _HEIGHT)
        canvas.disc(x, y, rng.uniform(4, 16), varied(rng, rng.choice(_MEADOWS), 40))
    canvas.soften(rng.uniform(5, 8))
    for _ in range(60):
        _blade(canvas, rng)
    return canvas


def _hill(canvas: Canvas, rng: Random, level: float, colour: Colour) -> None:
    phase, swing = rng.uniform(0, 2 * pi), rng.uniform(8, 26)
    crest = [(x, level + swing * sin(phase + x / 80)) for x in range(0, _WIDTH + 9, 8)]
    canvas.polygon([*crest, (_WIDTH, _HEIGHT), (0, _HEIGHT)], colour)


def _blade(canvas: Canvas, rng: Random) -> None:
    x, height = rng.uniform(0, _WIDTH), rng.uniform(20, 90)
    tip = (x + rng.uniform(-18, 18), _HEIGHT - height)
    colour = varied(rng, _LEAF, 26)
    canvas.polygon([(x - 3, _HEIGHT), tip, (x + 3, _HEIGHT)], colour)


def _petal(length: float, width: float, pointed: float = 1.0) -> list[Point]:
    """Return an outline from the origin up to `length`; `pointed` below 1 is rounder."""
    steps = [i / 14 for i in range(15)]
    side = [(width / 2 * sin(pi * t) ** pointed, -length * t) for t in steps]
    return side + [(-x, y) for x, y in reversed(side)]


def _ring(
    canvas: Canvas, x: float, y: float, petal: list[Point], count: int, turn: float, colour: Colour
) -> None:
    for index in range(count):
        angle = turn + index * 360 / count
        canvas.polygon(turned(petal, angle, x, y), shade(colour, 0.78))
        inner = [(px * 0.82, py * 0.95) for px, py in petal]
        canvas.polygon(turned(inner, angle, x, y), shade(colour, 1 + 0.12 * (index % 3)))


def _stem(canvas: Canvas, rng: Random, x: float, y: float, size: float) -> None:
    foot = x + rng.uniform(-40, 40)
    colour = varied(rng, _LEAF)
    canvas.line([(x, y), ((x + foot) / 2 + 8, (y + _HEIGHT) / 2), (foot, _HEIGHT)], colour, 5)
    for side in (-1, 1):
        leaf = _petal(size * 0.9, size * 0.32)
        place = ((x + foot) / 2 + 4, (y + _HEIGHT) / 2 + 16)
        canvas.polygon(turned(leaf, side * rng.uniform(35, 70), *place), shade(colour, 1.1))


def _daisy(canvas: Canvas, rng: Random, x: float, y: float, size: float) -> None:
    turn = rng.uniform(0, 30)
    white = varied(rng, (244, 244, 238), 8)
    _ring(canvas, x, y, _petal(size, size * 0.3, 0.7), rng.randint(13, 17), turn, white)
    canvas.disc(x, y, size * 0.3, (222, 160, 20))
    canvas.disc(x - size * 0.05, y - size * 0.06, size * 0.22, (250, 205, 50))


def _sunflower(canvas: Canvas, rng: Random, x: float, y: float, size: float) -> None:
    yellow = varied(rng, (246, 190, 24))
    for ring in (0, 9):
        _ring(canvas, x, y, _petal(size, size * 0.3), 20, ring, shade(yellow, 0.88 + ring / 60))
    canvas.disc(x, y, size * 0.52, (74, 44, 22))
    for index in range(70):
        spot = turned([(0, -size * 0.5 * (index / 70) ** 0.5)], index * 137.5, x, y)[0]
        canvas.disc(*spot, size * 0.03, (134, 88, 40))


def _poppy(canvas: Canvas, rng: Random, x: float, y: float, size: float) -> None:
    red = varied(rng, (214, 40, 34))
    turn = rng.uniform(0, 90)
    _ring(canvas, x, y, _petal(size, size * 1.25, 0.45), 4, turn, red)
    _ring(canvas, x, y, _petal(size * 0.75, size * 0.9, 0.45), 4, turn + 45, shade(red, 1.1))
    for index in range(16):
        canvas.disc(*turned([(0, -size * 0.3)], index * 22.5, x, y)[0], size * 0.05, (28, 20, 30))
    canvas.disc(x, y, size * 0.17, (92, 118, 62))


def _tulip(canvas: Canvas, rng: Random, x: float, y: float, size: float) -> None:
    colour = varied(rng, rng.choice(((226, 92, 148), (150, 70, 170), (240, 130, 60))))
    base = y + size * 0.7
    tilt = rng.uniform(-10, 10)
    for angle, tone in ((-24, 0.78), (24, 0.84), (-11, 0.95), (11, 1.04), (0, 1.16)):
        petal = _petal(size * 1.55, size * (0.85 if angle else 0.7), 0.75)
        canvas.polygon(turned(petal, tilt + angle, x, base), shade(colour, tone))


_KINDS: dict[str, Callable[[Canvas, Random, float, float, float], None]] = {
    "daisy": _daisy,
    "poppy": _poppy,
    "sunflower": _sunflower,
    "tulip": _tulip,
}


def _draw(rng: Random, index: int) -> DrawnImage:
    label = list(_KINDS)[index % len(_KINDS)]
    canvas = _meadow(rng)
    for place in range(rng.randint(1, 3)):
        size = rng.uniform(34, 66) * (1 - 0.18 * place)
        x = (place + rng.uniform(0.3, 0.7)) * _WIDTH / 3 + rng.uniform(0, 60)
        y = rng.uniform(0.28, 0.6) * _HEIGHT
        _stem(canvas, rng, x, y, size)
        _KINDS[label](canvas, rng, x, y, size)
    return DrawnImage(f"{label}-{index:03d}.jpg", canvas.finish(rng), label=label)


FLOWERS = ExampleSet("flowers", tuple(_KINDS), _draw)
