"""A board as the camera stands to it: its masks become shares of the picture's pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from research.circuits.layers import FINER, Layers, Points

Shares = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Framing:
    """The board turned about the middle of the picture, then moved."""

    size: tuple[int, int]  # width, height of the picture
    tilt: float = 0.0  # degrees, clockwise as seen
    moved: tuple[float, float] = (0.0, 0.0)  # pixels

    def seen(self, mask: Image.Image) -> Shares:
        """[h, w] in 0..1 of a mask that is `FINER` times as large as the picture."""
        across, down = self._axes()
        middle = np.array(self.size) / 2
        origin = middle - np.array([across, down]) @ (middle + np.array(self.moved))
        onto_mask = (*across, origin[0], *down, origin[1])
        small = mask.reduce(FINER)
        framed = small.transform(
            self.size, Image.Transform.AFFINE, onto_mask, Image.Resampling.BICUBIC
        )
        return np.asarray(framed, np.float32) / np.float32(255)

    def seen_points(self, points: Points) -> Points:
        """[k, 2] x, y in the picture of pixels of a mask."""
        turn = np.array(self._axes())
        middle = np.array(self.size) / 2
        turned: Points = ((points + 0.5) / FINER - middle) @ turn + middle + np.array(self.moved)
        return turned

    def _axes(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Where x and y of the mask come from: the inverse of the turn."""
        cos, sin = math.cos(math.radians(self.tilt)), math.sin(math.radians(self.tilt))
        return (cos, sin), (-sin, cos)


@dataclass(frozen=True, slots=True)
class View:
    """What of each layer is seen, [h, w] in 0..1."""

    board: Shares
    copper: Shares
    bare: Shares
    holes: Shares
    silk: Shares


def view_of(layers: Layers, framing: Framing, edge: float) -> View:
    """`edge` is how far the board ends before its masks do, in their pixels."""
    width, height = layers.copper.size
    board = Image.new("L", layers.copper.size)
    board.paste(255, (round(edge), round(edge), round(width - edge), round(height - edge)))
    masks = (board, layers.copper, layers.bare, layers.holes, layers.silk)
    return View(*map(framing.seen, masks))
