"""A ground that things are put on, one over another, and what can still be seen of each."""

from __future__ import annotations

import numpy as np
from PIL import Image

from lensmith.inference.image import Pixels
from lensmith.training.data.augment import Scene

SOLID = 80  # alpha from which a pixel shows the thing
LEAST_SIDE = 6  # pixels of a thing's box in the picture
LEAST_SEEN = 0.35  # share of a thing's pixels; less is not to be found


class Canvas:
    def __init__(self, ground: Image.Image) -> None:
        self.picture = ground
        self._seen = np.full((ground.height, ground.width), -1, np.int16)  # which thing
        self._boxes: list[tuple[int, int, int, int]] = []
        self._labels: list[int] = []
        self._areas: list[int] = []  # pixels, hidden ones and those outside included

    def put(self, thing: Image.Image, label: int, corner: tuple[int, int]) -> None:
        """Paint an RGBA picture with its left upper corner there; it may overhang."""
        alpha = thing.getchannel("A")
        self.picture.paste(thing.convert("RGB"), corner, alpha)
        solid = np.asarray(alpha) > SOLID
        (x, y), (width, height) = corner, thing.size
        left, top = max(x, 0), max(y, 0)
        right = min(x + width, self.picture.width)
        bottom = min(y + height, self.picture.height)
        inside = solid[top - y : bottom - y, left - x : right - x]
        here = self._seen[top:bottom, left:right]
        if min(right - left, bottom - top) < LEAST_SIDE:
            here[inside] = -1
            return
        here[inside] = len(self._boxes)
        self._boxes.append((left, top, right, bottom))
        self._labels.append(label)
        self._areas.append(max(int(solid.sum()), 1))

    def scene(self, pixels: Pixels) -> Scene:
        """`pixels`, which show the picture, with the boxes of what is not mostly hidden."""
        count = len(self._boxes)
        seen = np.bincount(self._seen[self._seen >= 0], minlength=count)
        found = seen > LEAST_SEEN * np.array(self._areas)
        boxes = np.array(self._boxes, np.float32).reshape(-1, 4)
        return Scene(pixels, boxes[found], np.array(self._labels, np.int64)[found])
