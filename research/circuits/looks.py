"""What a camera or a scanner makes of a board."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from research.circuits.framing import Shares, View
from research.drawing.camera import blended, developed, out_of_focus

Colour = tuple[int, int, int]
Pixels = NDArray[np.uint8]

_LACQUERS: tuple[tuple[Colour, Colour], ...] = (  # over the base and over copper
    ((16, 70, 38), (38, 112, 58)),
    ((10, 92, 60), (44, 138, 84)),
    ((42, 84, 30), (84, 126, 46)),
    ((18, 42, 92), (40, 78, 140)),
    ((96, 20, 26), (146, 42, 40)),
    ((28, 28, 30), (58, 56, 54)),
)
_METALS: tuple[Colour, ...] = ((206, 170, 96), (188, 188, 184), (214, 150, 110))
_TABLES: tuple[Colour, ...] = ((226, 226, 222), (40, 40, 42), (128, 122, 112), (180, 190, 200))
_INKS: tuple[Colour, ...] = ((232, 232, 226), (236, 220, 120))


@dataclass(frozen=True, slots=True)
class Make:
    """What all pictures of one board have in common."""

    base: Colour
    covered: Colour  # copper under lacquer
    metal: Colour
    ink: Colour


def drawn_make(rng: Generator) -> Make:
    """Green more often than anything else."""
    weights = (0.3, 0.25, 0.1, 0.15, 0.1, 0.1)
    base, covered = _LACQUERS[int(rng.choice(len(_LACQUERS), p=weights))]
    metal = _METALS[int(rng.integers(len(_METALS)))]
    return Make(base, covered, metal, _INKS[int(rng.random() < 0.15)])


def photographed(view: View, make: Make, rng: Generator) -> Pixels:
    """The board on a table, lit from the side, through a lens that is not quite in focus."""
    table = _TABLES[int(rng.integers(len(_TABLES)))]
    shape = view.copper.shape
    scene = _painted(view, make, table)
    scene *= _light(shape, rng)[..., None]
    scene *= _relief(view.copper, rng)[..., None]
    _add_dirt(scene, rng)
    return _taken(scene, rng)


def scanned(view: View, rng: Generator) -> Pixels:
    """Copper bright on dark, ragged where the threshold met noise; the same in all channels."""
    bright = view.copper * (1 - view.holes)
    grain = gaussian_filter(rng.normal(0, 1, bright.shape), 1.2) * 0.9
    ragged = gaussian_filter(bright, rng.uniform(0.6, 1.1)) + 0.25 * grain
    crisp = ((ragged - 0.5) * rng.uniform(4, 9) + 0.5).clip(0, 1)
    dark, light = rng.uniform(0, 25), rng.uniform(225, 255)
    grey = (dark + (light - dark) * crisp).round().astype(np.uint8)
    return np.repeat(grey[..., None], 3, 2)


def _painted(view: View, make: Make, table: Colour) -> Shares:
    """[h, w, 3] in 0..255, evenly lit."""
    scene = _over(np.array(table, np.float32), view.board, make.base)
    scene = _over(scene, view.copper * view.board, make.covered)
    scene = _over(scene, 0.9 * view.silk, make.ink)
    scene = _over(scene, view.bare, make.metal)
    return _over(scene, view.holes, _seen_through(table))


def _seen_through(table: Colour) -> Colour:
    """The table in the shadow of the board."""
    red, green, blue = (round(0.35 * channel) for channel in table)
    return red, green, blue


def _over(below: Shares, share: Shares, colour: Colour) -> Shares:
    return blended(below, share, np.array(colour, np.float32))


def _light(shape: tuple[int, ...], rng: Generator) -> Shares:
    """[h, w] about 1: brighter to one side, with soft spots, and dark in the corners."""
    ys, xs = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j].astype(np.float32)
    angle, slope = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.25)
    light = 1 + slope * (np.cos(angle) * xs + np.sin(angle) * ys)
    for _ in range(int(rng.integers(0, 3))):
        x, y, radius = rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(0.3, 0.8)
        spot = np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / radius**2)
        light += rng.uniform(-0.25, 0.35) * spot
    light -= rng.uniform(0, 0.15) * (xs**2 + ys**2) / 2
    lit: Shares = (rng.uniform(0.8, 1.15) * light).astype(np.float32)
    return lit


def _relief(copper: Shares, rng: Generator) -> Shares:
    """[h, w] about 1: edges of copper that face the light shine, others are in shadow."""
    down, across = np.gradient(gaussian_filter(copper, 0.8))
    angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.5)
    relief: Shares = 1 + strength * (np.cos(angle) * across + np.sin(angle) * down)
    return relief.astype(np.float32)


def _add_dirt(scene: Shares, rng: Generator) -> None:
    """Specks and smears that are no defects."""
    height, width = scene.shape[:2]
    for _ in range(int(rng.integers(0, 14))):
        x, y = int(rng.integers(4, width - 4)), int(rng.integers(4, height - 4))
        side, tone = int(rng.integers(1, 4)), rng.uniform(0.6, 1.5)
        scene[y : y + side, x : x + side] *= np.float32(tone)
    smear = rng.normal(0, 1, (height // 40 + 2, width // 40 + 2)).astype(np.float32)
    soft = Image.fromarray(smear).resize((width, height), Image.Resampling.BICUBIC)
    scene *= 1 + np.float32(rng.uniform(0, 0.06)) * np.asarray(soft)[..., None]


def _taken(scene: Shares, rng: Generator) -> Pixels:
    """Out of focus, tinted by the light, and with the noise of a sensor."""
    blur = rng.uniform(0.4, 1.3)
    tinted = scene * rng.uniform(0.93, 1.07, 3).astype(np.float32)
    soft = out_of_focus(tinted, blur)
    grain = rng.standard_normal(soft.shape, np.float32) * np.float32(rng.uniform(1, 6))
    return developed(soft, grain)
