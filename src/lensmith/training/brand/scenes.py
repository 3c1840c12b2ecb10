"""Paints synthetic scenes: logos and distractors on backgrounds."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFilter

from lensmith.inference.image import Pixels
from lensmith.training.brand.backgrounds import BackgroundSource
from lensmith.training.brand.colours import choose_colour, plate_colour
from lensmith.training.brand.distractors import NO_LABEL
from lensmith.training.brand.logos import Logo
from lensmith.training.brand.perspective import View, view_of
from lensmith.training.brand.recipe import USUAL_SCENE, CameraRecipe, SceneRecipe
from lensmith.training.data.augment import LUMINANCE, Floats, Scene

OVERHANG = 0.12  # fraction of a side that may lie outside the image
MIN_SHOWN = 0.6  # fraction of the ink in the image, for the logo to count
TRIES = 8


@dataclass(frozen=True, slots=True)
class Sizes:
    """Longer sides of logos in pixels."""

    smallest: float
    largest: float

    def draw(self, rng: Generator) -> float:
        return float(np.exp(rng.uniform(np.log(self.smallest), np.log(self.largest))))


class Painter:
    """Paints scenes of the backgrounds' size from logos of every label and distractors."""

    def __init__(
        self,
        logos: Sequence[Sequence[Logo]],  # of each label
        distractors: Sequence[Logo],
        backgrounds: BackgroundSource,
        rng: Generator,
        recipe: SceneRecipe = USUAL_SCENE,
    ) -> None:
        self._logos = logos
        self._distractors = distractors
        self._backgrounds = backgrounds
        self._rng = rng
        self._recipe = recipe
        self._deck: list[int] = []  # labels that are still to come

    def scene(self, sizes: Sizes) -> Scene:
        """Paint a scene; boxes are tight around the ink of its logos."""
        canvas = _Canvas(self._backgrounds.next(), self._recipe)
        for thing in self._things():
            self._place(canvas, thing, sizes)
        boxes = np.array([box for _, box in canvas.found], np.float32).reshape(-1, 4)
        labels = np.array([label for label, _ in canvas.found], np.int64)
        return Scene(_photographed(canvas.colours, self._recipe.camera, self._rng), boxes, labels)

    def _things(self) -> list[Logo]:
        """Draw logos and distractors; logos first, since they are placed first."""
        wanted = int(self._rng.integers(*self._recipe.logos, endpoint=True))
        count = int(self._rng.integers(*self._recipe.distractors, endpoint=True))
        others = self._rng.integers(len(self._distractors), size=count).tolist()
        logos = [self._next_logo() for _ in range(wanted)]
        return [*logos, *(self._distractors[one] for one in others)]

    def _next_logo(self) -> Logo:
        """Draw a logo, each label as often as any other."""
        if not self._deck:
            self._deck = self._rng.permutation(len(self._logos)).tolist()
        pictures = self._logos[self._deck.pop()]
        return pictures[int(self._rng.integers(len(pictures)))]

    def _place(self, canvas: _Canvas, thing: Logo, sizes: Sizes) -> None:
        """Paint the logo at a free place; skip it if none is found."""
        has_plate = self._rng.random() < self._recipe.plate_probability
        view = view_of(thing, sizes.draw(self._rng), has_plate, self._rng, self._recipe.view)
        height, width = view.alpha.shape
        for _ in range(TRIES):
            left, top = (
                int(self._rng.integers(-int(OVERHANG * side), max(room - side, 0) + 1))
                for side, room in zip((width, height), self._backgrounds.input_size, strict=True)
            )
            if not canvas.is_free((left, top, left + width, top + height)):
                continue
            canvas.paint(view, thing, (left, top), self._rng)
            return


class _Canvas:
    """A scene as it grows."""

    def __init__(self, colours: Floats, recipe: SceneRecipe) -> None:
        self.colours = colours
        self._recipe = recipe
        self.found: list[tuple[int, tuple[float, float, float, float]]] = []
        self._taken: list[tuple[int, int, int, int]] = []

    def is_free(self, area: tuple[int, int, int, int]) -> bool:
        return not any(
            area[0] < right and left < area[2] and area[1] < bottom and top < area[3]
            for left, top, right, bottom in self._taken
        )

    def paint(self, view: View, logo: Logo, corner: tuple[int, int], rng: Generator) -> None:
        """Add the view at a left and top corner, which may lie outside."""
        left, top = corner
        height, width = view.alpha.shape
        window, inside = _overlap(corner, (width, height), self.colours.shape)
        self._taken.append((left, top, left + width, top + height))
        part = _cut(view, inside)
        if not part.alpha.size:
            return
        self.colours[window] = _painted(self.colours[window], part, logo, self._recipe, rng)
        if logo.label == NO_LABEL or part.alpha.sum() < MIN_SHOWN * view.alpha.sum():
            return
        x, y = window[1].start, window[0].start
        ink = part.bounds()
        self.found.append((logo.label, (ink[0] + x, ink[1] + y, ink[2] + x, ink[3] + y)))
        if rng.random() < self._recipe.occlusion_probability:
            self._hide(window, rng)

    def _hide(self, window: tuple[slice, slice], rng: Generator) -> None:
        """Occlude an end of the window by a rectangle of one colour."""
        rows, columns = window
        height, width = rows.stop - rows.start, columns.stop - columns.start
        fraction = rng.uniform(0.05, 0.25)
        side = rng.integers(4)
        if side < 2:
            depth = max(1, int(height * fraction))
            start = rows.start if side == 0 else rows.stop - depth
            rows = slice(start, start + depth)
        else:
            depth = max(1, int(width * fraction))
            start = columns.start if side == 2 else columns.stop - depth
            columns = slice(start, start + depth)
        self.colours[rows, columns] = rng.uniform(0, 255, 3).astype(np.float32)


def _overlap(
    corner: tuple[int, int], size: tuple[int, int], canvas: tuple[int, ...]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Compute rows and columns of the overlap, in the canvas and in the object."""
    slices = []
    for start, length, room in zip(reversed(corner), reversed(size), canvas[:2], strict=True):
        low, high = max(start, 0), max(min(start + length, room), 0)
        slices.append((slice(low, high), slice(low - start, high - start)))
    (rows, inner_rows), (columns, inner_columns) = slices
    return (rows, columns), (inner_rows, inner_columns)


def _cut(view: View, inside: tuple[slice, slice]) -> View:
    return View(
        view.alpha[inside],
        None if view.colours is None else view.colours[inside],
        None if view.plate is None else view.plate[inside],
    )


def _painted(
    background: Floats, view: View, logo: Logo, recipe: SceneRecipe, rng: Generator
) -> Floats:
    """Paint the view on the background [h, w, 3], in colours that stand out."""
    shade = _shade(background, recipe, rng)
    if view.plate is not None:
        plate = (view.plate * np.float32(rng.uniform(0.8, 1)))[..., None]
        background = background * (1 - plate) + plate_colour(logo, rng) * shade * plate
    inked = view.alpha > 0.4
    around = background[inked].mean(0) if inked.any() else background.mean((0, 1))
    ink = choose_colour(logo, around, rng, _own_colour_probability(logo, recipe))
    colours = ink.colours(view.colours)
    cover = (view.alpha * np.float32(rng.uniform(*recipe.opacity)))[..., None]
    painted: Floats = (background * (1 - cover) + colours * shade * cover).clip(0, 255)
    return painted


def _own_colour_probability(logo: Logo, recipe: SceneRecipe) -> float:
    cut_out = logo.background is not None or logo.is_flat
    return recipe.own_colour_probability if cut_out else recipe.picture_colour_probability


def _shade(background: Floats, recipe: SceneRecipe, rng: Generator) -> Floats:
    """Draw the shading of an object: the background's own, or a linear gradient; [h, w, 1]."""
    height, width = background.shape[:2]
    slope = rng.normal(0, recipe.shading, 2).astype(np.float32)
    xs, ys = np.linspace(-1, 1, width), np.linspace(-1, 1, height)
    shade = (1 + np.add.outer(ys * slope[1], xs * slope[0])).astype(np.float32)
    if rng.random() < recipe.shading_probability:
        light = background @ LUMINANCE
        shade = shade * (light / max(float(light.mean()), 20.0)).clip(0.6, 1.4) ** np.float32(0.7)
    return np.expand_dims(shade, 2)


def _photographed(colours: Floats, recipe: CameraRecipe, rng: Generator) -> Pixels:
    """Blur, compress and add noise, each more often a little than a lot."""
    picture = Image.fromarray(colours.clip(0, 255).astype(np.uint8))
    radius = abs(rng.normal(0, recipe.blur))
    if radius > 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(radius))
    if rng.random() < recipe.compression_probability:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=int(rng.integers(30, 92)))
        picture = Image.open(file)
    pixels = np.asarray(picture)
    if rng.random() < recipe.noise_probability:
        noise = rng.standard_normal(pixels.shape, np.float32)
        strength = np.float32(abs(rng.normal(0, recipe.noise)))
        pixels = (pixels + noise * strength).clip(0, 255).astype(np.uint8)
    return pixels
