"""Draws random perspective views of flat logos."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lensmith.training.brand.logos import Logo
from lensmith.training.brand.recipe import USUAL_VIEW, ViewRecipe
from lensmith.training.data.augment import Floats

PLATE_POINTS = 28  # of a round plate's outline


Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class View:
    """A rendered logo and the sign behind it: arrays of the same height and width."""

    alpha: Floats  # [h, w] in 0..1
    colours: Floats | None  # [h, w, 3]; None for a logo of one tone
    plate: Floats | None  # [h, w] in 0..1: the sign that the logo is on

    def bounds(self) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom of the visible ink; zeros without any."""
        inked = self.alpha > 0.4
        rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
        if not rows.size:
            return 0, 0, 0, 0
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def view_of(
    logo: Logo, side: float, plate: bool, rng: Generator, recipe: ViewRecipe = USUAL_VIEW
) -> View:
    """Render the logo with a longer side of about `side` pixels, tilted at random."""
    layer = logo.layer(side)
    scale = side / max(layer.size)
    margin = rng.uniform(0.1, 0.45) * max(layer.size) if plate else 1.0
    onto = _tilted(layer.size, scale, max(layer.size) / 2 + margin, rng, recipe)
    outline = _outline(layer.size, margin, plate and rng.random() < 0.3, rng)
    seen = _mapped(onto, outline)
    low, high = np.floor(seen.min(0)).astype(int) - 1, np.ceil(seen.max(0)).astype(int) + 1
    onto = _moved(-low) @ onto
    size = int(high[0] - low[0]), int(high[1] - low[1])
    back: Matrix = np.linalg.inv(onto).astype(np.float64)
    drawn = _drawn(layer, back, size, with_colours=not logo.is_flat)
    return View(
        drawn[..., -1] / np.float32(255),
        None if logo.is_flat else drawn[..., :3],
        _filled(seen - low, size) if plate else None,
    )


def _tilted(
    size: tuple[int, int], scale: float, reach: float, rng: Generator, recipe: ViewRecipe
) -> Matrix:
    """Draw a homography [3, 3] from the layer's pixels to pixels around the origin.

    `reach` is the distance from the layer's middle that stays visible.
    """
    centred = _moved(-np.array(size) / 2)
    if rng.random() < recipe.upright_probability:
        return np.diag([scale, scale, 1.0]) @ centred
    turn = rng.normal(0, recipe.turn)
    away = rng.normal(0, recipe.tilt, 2).clip(-recipe.max_tilt, recipe.max_tilt)
    stretch = math.exp(rng.normal(0, recipe.stretch))
    narrowed = 1 - np.abs(away)  # what is tilted is also foreshortened
    cosine, sine = math.cos(turn), math.sin(turn)
    shear = np.array([[stretch, rng.normal(0, recipe.stretch)], [0, 1 / stretch]])
    tilt = np.eye(3)
    tilt[:2, :2] = np.array([[cosine, -sine], [sine, cosine]]) @ shear * (scale * narrowed)
    tilt[2, :2] = away / reach
    return tilt @ centred


def _moved(by: Matrix) -> Matrix:
    move = np.eye(3)
    move[:2, 2] = by
    return move


def _mapped(onto: Matrix, points: Matrix) -> Matrix:
    flat = np.concatenate([points, np.ones((len(points), 1))], 1) @ onto.T
    seen: Matrix = flat[:, :2] / flat[:, 2:]
    return seen


def _outline(size: tuple[int, int], margin: float, round_: bool, rng: Generator) -> Matrix:
    """Draw the outline of the sign around the layer: corners, or points on an ellipse."""
    middle, reach = np.array(size) / 2, np.array(size) / 2 + margin
    if round_:
        angles = np.linspace(0, 2 * np.pi, PLATE_POINTS, endpoint=False)
        unit = np.stack([np.cos(angles), np.sin(angles)], 1) * rng.uniform(1.1, 1.3)
    else:
        unit = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    outline: Matrix = middle + unit * reach
    return outline


def _drawn(
    layer: Image.Image, back: Matrix, size: tuple[int, int], *, with_colours: bool
) -> Floats:
    """Warp a layer [h, w, 4], or only its alpha [h, w, 1]."""
    source = layer if with_colours else layer.getchannel("A")
    # Pillow asks about the middles of pixels itself.
    seen = source.transform(
        size,
        Image.Transform.PERSPECTIVE,
        (back / back[2, 2]).ravel()[:8].tolist(),
        Image.Resampling.BILINEAR,
    )
    pixels = np.asarray(seen, np.float32)
    return pixels if with_colours else pixels[..., None]


def _filled(outline: Matrix, size: tuple[int, int]) -> Floats:
    stencil = Image.new("L", size)
    ImageDraw.Draw(stencil).polygon([(float(x), float(y)) for x, y in outline], fill=255)
    return np.asarray(stencil, np.float32) / np.float32(255)
