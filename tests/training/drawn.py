"""Small drawn pictures with known content: enough to learn from in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.random import Generator, default_rng
from PIL import Image, ImageDraw

from lensmith.domain.geometry import Box
from lensmith.training.data.example import Example

SHAPES = ("disc", "square", "triangle")
COLOURS = ((200, 60, 50), (50, 90, 200), (230, 190, 40))
SIDES = (160, 120)
CROWD_SIDES, CROWD = (250, 150), (10, 5)  # pixels; columns and rows of shapes


def drawn_examples(
    folder: Path, count: int, shapes_a_picture: tuple[int, int], seed: int
) -> list[Example]:
    """Pictures with between so many shapes each; labels are indices into SHAPES."""
    rng = default_rng(seed)
    examples = []
    for index in range(count):
        path = folder / f"{seed}-{index}.png"
        shapes = int(rng.integers(*shapes_a_picture, endpoint=True))
        chosen = [(index + extra * 2) % len(SHAPES) for extra in range(shapes)]
        boxes = _draw(path, chosen, rng)
        examples.append(Example(path, tuple(sorted(set(chosen))), boxes))
    return examples


def drawn_crowds(folder: Path, count: int, seed: int) -> list[Example]:
    """Pictures with fifty shapes each, of 4 to 5 % of the picture's side (root of its area)."""
    rng = default_rng(seed)
    paths = [folder / f"crowd-{seed}-{index}.png" for index in range(count)]
    return [Example(path, tuple(range(len(SHAPES))), _draw_crowd(path, rng)) for path in paths]


def _draw_crowd(path: Path, rng: Generator) -> tuple[tuple[int, Box], ...]:
    width, height = CROWD_SIDES
    picture = Image.fromarray(rng.integers(120, 170, (height, width, 3), dtype=np.uint8))
    canvas = ImageDraw.Draw(picture)
    boxes = []
    for column, row in np.ndindex(CROWD):
        shape, side = int(rng.integers(len(SHAPES))), int(rng.integers(8, 11))
        left = column * (width // CROWD[0]) + int(rng.integers(width // CROWD[0] - side))
        top = row * (height // CROWD[1]) + int(rng.integers(height // CROWD[1] - side))
        _shape(canvas, shape, (left, top, left + side, top + side))
        boxes.append((shape, Box(left / width, top / height, side / width, side / height)))
    picture.save(path)
    return tuple(boxes)


def _draw(path: Path, shapes: Sequence[int], rng: Generator) -> tuple[tuple[int, Box], ...]:
    noise = rng.integers(120, 170, (SIDES[1], SIDES[0], 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    canvas = ImageDraw.Draw(picture)
    boxes = []
    for place, shape in enumerate(shapes):  # side by side, so that nothing is hidden
        room = SIDES[0] // len(shapes)
        side = int(rng.integers(34, min(room, 56)))
        left = place * room + int(rng.integers(0, room - side + 1))
        top = int(rng.integers(0, SIDES[1] - side))
        _shape(canvas, shape, (left, top, left + side, top + side))
        width, height = SIDES
        boxes.append((shape, Box(left / width, top / height, side / width, side / height)))
    picture.save(path)
    return tuple(boxes)


def _shape(canvas: ImageDraw.ImageDraw, shape: int, corners: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = corners
    if SHAPES[shape] == "disc":
        canvas.ellipse(corners, fill=COLOURS[shape])
    elif SHAPES[shape] == "square":
        canvas.rectangle(corners, fill=COLOURS[shape])
    else:
        middle = (left + right) / 2
        canvas.polygon([(middle, top), (right, bottom), (left, bottom)], fill=COLOURS[shape])
