"""Test scenes: marks on tilted surfaces in photographs, lit as the photograph is.

Nothing here is shared with the synthesis that training uses.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from lensmith.domain.geometry import Box
from research.brand_set.marks import BrandMark, Colour
from research.brand_set.surfaces import Floats, corners_seen, seen, tilted_homography
from research.drawing.camera import blended, developed, out_of_focus

LONGER_SIDE = 960  # of a scene, at most
USUAL, CLOSE = (0.06, 0.35), (0.35, 0.75)  # root of a mark's box area over the scene's
TRIES = 40  # to find a place
LEAST_CONTRAST = 45.0  # between ink and ground, in luminance
MOST_HIDDEN = 0.15  # share of the ink that may have less
LUMINANCE = np.array([0.299, 0.587, 0.114])
BLACK, WHITE = (18, 18, 20), (246, 246, 244)


@dataclass(frozen=True, slots=True)
class Scene:
    jpeg: bytes
    size: tuple[int, int]
    boxes: tuple[tuple[str, Box], ...]  # fractions


@dataclass(frozen=True, slots=True)
class _Cast:
    """What a mark covers in the scene: shares of pixels, from the left and top pixel."""

    left: int
    top: int
    ink: Floats  # [h, w] in 0..1
    plate: Floats | None  # the sign that the mark is on

    def window(self) -> tuple[slice, slice]:
        height, width = self.ink.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)

    def bounds(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the ink."""
        rows = np.flatnonzero((self.ink > 0.3).any(1))
        columns = np.flatnonzero((self.ink > 0.3).any(0))
        return (
            self.left + int(columns[0]),
            self.top + int(rows[0]),
            self.left + int(columns[-1]) + 1,
            self.top + int(rows[-1]) + 1,
        )


def compose(
    photo: Path,
    marks: list[BrandMark],
    rng: Generator,
    sizes: tuple[float, float] = USUAL,
) -> Scene:
    """The photograph with as many of the marks as find room."""
    scene = _opened(photo)
    taken: list[tuple[int, int, int, int]] = []
    boxes = []
    for mark in marks:
        cast = _placed(mark, scene.shape[:2], taken, sizes, rng)
        if cast is None:
            continue
        taken.append(_area(cast))
        _paint(scene, cast, mark, rng)
        boxes.append((mark.name, _fractions(cast.bounds(), scene.shape[:2])))
    height, width = scene.shape[:2]
    return Scene(_photographed(scene, rng), (width, height), tuple(boxes))


def _opened(photo: Path) -> Floats:
    picture = Image.open(photo).convert("RGB")
    scale = LONGER_SIDE / max(picture.size)
    size = round(picture.width * scale), round(picture.height * scale)
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS), np.float64)


def _placed(
    mark: BrandMark,
    frame: tuple[int, ...],
    taken: list[tuple[int, int, int, int]],
    sizes: tuple[float, float],
    rng: Generator,
) -> _Cast | None:
    for _ in range(TRIES):
        cast = _cast(mark, frame, sizes, rng)
        if cast is not None and not any(_meet(_area(cast), other) for other in taken):
            return cast
    return None


def _cast(
    mark: BrandMark, frame: tuple[int, ...], sizes: tuple[float, float], rng: Generator
) -> _Cast | None:
    """One try: None where it does not fit into the frame."""
    side = np.exp(rng.uniform(*np.log(sizes))) * np.sqrt(frame[0] * frame[1])
    scale = side / np.sqrt(mark.stencil.size)
    on_plate = rng.random() < 0.4
    margin = rng.uniform(0.12, 0.5) * side if on_plate else 0.0
    stencil = _scaled(mark.stencil, scale)
    size = stencil.shape[1] + 2 * margin, stencil.shape[0] + 2 * margin
    homography = tilted_homography(size, rng)
    corners = corners_seen(size, homography)
    reach = np.ceil(np.abs(corners).max(0)).astype(int) + 2
    height, width = 2 * int(reach[1]), 2 * int(reach[0])
    if height >= frame[0] or width >= frame[1]:
        return None
    plate = np.pad(np.ones((round(size[1]), round(size[0])), np.float32), 2)
    return _Cast(
        int(rng.integers(0, frame[1] - width)),
        int(rng.integers(0, frame[0] - height)),
        seen(np.pad(stencil, 2), homography, (width, height)),
        seen(plate, homography, (width, height)) if on_plate else None,
    )


def _scaled(stencil: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    size = max(1, round(stencil.shape[1] * scale)), max(1, round(stencil.shape[0] * scale))
    return np.asarray(Image.fromarray(stencil).resize(size, Image.Resampling.LANCZOS)).clip(0, 1)


def _paint(scene: Floats, cast: _Cast, mark: BrandMark, rng: Generator) -> None:
    """Colour the surface, which keeps the photograph's light and some of its texture."""
    window = cast.window()
    part = scene[window]
    light = part @ LUMINANCE
    shade = (gaussian_filter(light, 4) / max(light.mean(), 20)).clip(0.55, 1.35)[..., None]
    if cast.plate is not None:
        ground = np.array(_plate_colour(mark, rng), float)
        part = blended(part, cast.plate * rng.uniform(0.85, 1), ground * shade)
    ink: Floats = shade * _ink_colour(mark, part, shade, cast.ink > 0.3, rng)
    scene[window] = blended(part, cast.ink * rng.uniform(0.75, 1), ink).clip(0, 255)


def _plate_colour(mark: BrandMark, rng: Generator) -> Colour:
    drawn: Colour = tuple(rng.integers(30, 240, 3).tolist())
    return [WHITE, BLACK, mark.colour, drawn][rng.choice(4, p=[0.35, 0.15, 0.25, 0.25])]


def _ink_colour(
    mark: BrandMark, part: Floats, shade: Floats, inked: NDArray[np.bool_], rng: Generator
) -> Colour:
    """The brand's own colour or another, as long as a person can tell it from the ground."""
    drawn: Colour = tuple(rng.integers(0, 255, 3).tolist())
    wanted = [mark.colour, WHITE, BLACK, drawn][rng.choice(4, p=[0.5, 0.2, 0.15, 0.15])]
    ground, lit = (part @ LUMINANCE)[inked], shade[..., 0][inked]
    hidden = {
        colour: float((abs(ground - lit * (LUMINANCE @ colour)) < LEAST_CONTRAST).mean())
        for colour in (wanted, WHITE, BLACK)
    }
    return wanted if hidden[wanted] < MOST_HIDDEN else min(hidden, key=hidden.__getitem__)


def _photographed(scene: Floats, rng: Generator) -> bytes:
    """Out of focus, noisy, and stored as JPEG."""
    blurred = out_of_focus(scene, rng.uniform(0.3, 1.6))
    pixels = developed(blurred, rng.normal(0, rng.uniform(0, 6), scene.shape))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=int(rng.integers(55, 92)))
    return file.getvalue()


def _area(cast: _Cast) -> tuple[int, int, int, int]:
    height, width = cast.ink.shape
    return cast.left, cast.top, cast.left + width, cast.top + height


def _meet(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _fractions(bounds: tuple[int, int, int, int], frame: tuple[int, ...]) -> Box:
    left, top, right, bottom = bounds
    height, width = frame
    return Box(left / width, top / height, (right - left) / width, (bottom - top) / height)
