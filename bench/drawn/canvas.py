"""Draws at twice the size and scales down, for smooth edges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, radians, sin
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]

_FINER = 2  # drawn pixels to one finished pixel, either way


@dataclass(frozen=True, slots=True)
class Canvas:
    """A drawing surface addressed in finished pixels."""

    surface: Image.Image
    pen: ImageDraw.ImageDraw

    @classmethod
    def gradient(cls, width: int, height: int, top: Colour, bottom: Colour) -> Canvas:
        """Paint a surface that fades from the colour `top` to the colour `bottom`."""
        rows = np.linspace(0.0, 1.0, height * _FINER)[:, None, None]
        column = np.array(top) * (1 - rows) + np.array(bottom) * rows
        pixels = np.repeat(column, width * _FINER, axis=1).astype(np.uint8)
        surface = Image.fromarray(pixels)
        return cls(surface, ImageDraw.Draw(surface))

    def polygon(self, points: Iterable[Point], fill: Colour) -> None:
        self.pen.polygon([(x * _FINER, y * _FINER) for x, y in points], fill=fill)

    def line(self, points: Iterable[Point], fill: Colour, width: float) -> None:
        scaled = [(x * _FINER, y * _FINER) for x, y in points]
        self.pen.line(scaled, fill=fill, width=max(1, round(width * _FINER)), joint="curve")

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        self.ellipse(x - radius, y - radius, x + radius, y + radius, fill)

    def ellipse(self, left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
        self.pen.ellipse([v * _FINER for v in (left, top, right, bottom)], fill=fill)

    def rectangle(
        self, left: float, top: float, right: float, bottom: float, fill: Colour, radius: float = 0
    ) -> None:
        corners = [v * _FINER for v in (left, top, right, bottom)]
        self.pen.rounded_rectangle(corners, radius=radius * _FINER, fill=fill)

    def soften(self, radius: float) -> None:
        """Blur all that was drawn so far, as a lens does with what lies behind."""
        self.surface.paste(self.surface.filter(ImageFilter.GaussianBlur(radius * _FINER)))

    def finish(self, rng: Random, noise: float = 4.0) -> Image.Image:
        """Scale down, then add the vignette, exposure and grain of a photograph."""
        width, height = self.surface.width // _FINER, self.surface.height // _FINER
        small = self.surface.resize((width, height), Image.Resampling.BOX)
        pixels = np.asarray(small, dtype=np.float32)
        y, x = np.mgrid[-1.0 : 1.0 : height * 1j, -1.0 : 1.0 : width * 1j]
        vignette = 1.0 - rng.uniform(0.05, 0.22) * (x**2 + y**2)[..., None]
        grain = np.random.default_rng(rng.getrandbits(32)).normal(0.0, noise, pixels.shape)
        lit = pixels * vignette * rng.uniform(0.85, 1.12) + grain
        return Image.fromarray(lit.clip(0, 255).astype(np.uint8))


def turned(points: Iterable[Point], degrees: float, x: float, y: float) -> list[Point]:
    """Rotate points about the origin, then move them to (x, y)."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return [(x + px * c - py * s, y + px * s + py * c) for px, py in points]


def shade(colour: Colour, factor: float) -> Colour:
    """Return a darker (below 1) or lighter (above 1) tone."""
    if factor <= 1:
        return _colour(channel * factor for channel in colour)
    return _colour(channel + (255 - channel) * (factor - 1) for channel in colour)


def varied(rng: Random, colour: Colour, spread: int = 12) -> Colour:
    """Return a colour near the given one."""
    return _colour(channel + rng.randint(-spread, spread) for channel in colour)


def _colour(channels: Iterable[float]) -> Colour:
    red, green, blue = (min(max(round(channel), 0), 255) for channel in channels)
    return red, green, blue
