"""A board as masks: copper, what of it is bare, holes, and silk print."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from research.circuits.layout import Board, Pad

FINER = 2  # pixels of a mask for one of the picture, either way

Point = tuple[float, float]
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """From cells to the pixels of masks."""

    pitch: float  # mask pixels from cell to cell
    trace: float  # width of a trace, in cells

    def point(self, column: float, row: float) -> Point:
        return (column + 0.5) * self.pitch, (row + 0.5) * self.pitch


@dataclass(frozen=True, slots=True)
class Layers:
    """Masks of one size, 0 or 255."""

    copper: Image.Image
    bare: Image.Image  # copper without solder mask
    holes: Image.Image
    silk: Image.Image  # what is printed on the board

    def copy(self) -> Layers:
        return Layers(self.copper.copy(), self.bare.copy(), self.holes.copy(), self.silk.copy())


def layers_of(board: Board, size: tuple[int, int], scale: Scale) -> Layers:
    """`size` is width and height of the masks."""
    layers = Layers(*(Image.new("L", size) for _ in range(4)))
    _draw_conductors(board, layers, scale)
    for pad in board.pads:
        _draw_pad(pad, layers, scale)
    _draw_silk(board, layers, scale)
    return layers


def _draw_conductors(board: Board, layers: Layers, scale: Scale) -> None:
    copper = ImageDraw.Draw(layers.copper)
    width = round(scale.trace * scale.pitch)
    for left, top, right, bottom in board.planes:
        corner = scale.point(left - 0.3, top - 0.3)
        copper.rectangle((*corner, *scale.point(right + 0.3, bottom + 0.3)), fill=255)
    for path in board.traces:
        points = [scale.point(*cell) for cell in path]
        copper.line(points, fill=255, width=width, joint="curve")


def _draw_pad(pad: Pad, layers: Layers, scale: Scale) -> None:
    for layer, half in ((layers.copper, 1.0), (layers.bare, 0.95)):
        draw = ImageDraw.Draw(layer)
        bounds = _bounds(pad, pad.half[0] * half, pad.half[1] * half, scale)
        (draw.rectangle if pad.square else draw.ellipse)(bounds, fill=255)
    if pad.hole:
        ImageDraw.Draw(layers.holes).ellipse(_bounds(pad, pad.hole, pad.hole, scale), fill=255)


def _bounds(
    pad: Pad, across: float, down: float, scale: Scale
) -> tuple[float, float, float, float]:
    column, row = pad.cell
    corner = scale.point(column - across, row - down)
    return (*corner, *scale.point(column + across, row + down))


def _draw_silk(board: Board, layers: Layers, scale: Scale) -> None:
    """Outlines and names of the parts; nothing is printed on bare copper."""
    draw = ImageDraw.Draw(layers.silk)
    font = ImageFont.load_default(round(0.9 * scale.pitch))
    for part in board.parts:
        left, top, right, bottom = part.outline
        corner = scale.point(left, top)
        edge = max(1, round(0.1 * scale.pitch))
        draw.rectangle((*corner, *scale.point(right, bottom)), outline=255, width=edge)
        draw.text(scale.point(left, top - 1.1), part.name, 255, font)
    layers.silk.paste(0, mask=layers.bare)


def changed_points(before: Layers, after: Layers, window: tuple[int, int, int, int]) -> Points:
    """[k, 2] x, y of the mask pixels in the window where copper or holes differ."""
    differs = np.zeros((window[3] - window[1], window[2] - window[0]), np.bool_)
    for old, new in ((before.copper, after.copper), (before.holes, after.holes)):
        differs |= np.asarray(old.crop(window)) != np.asarray(new.crop(window))
    rows, columns = np.nonzero(differs)
    return np.stack([columns + window[0], rows + window[1]], 1).astype(np.float64)
