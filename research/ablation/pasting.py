"""Training images with objects of other images pasted in; replaces `DetectionBatches`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from torch import Tensor

from lensmith.inference.preprocess import Placement, Size
from lensmith.training.data.augment import Floats, Scene, placed, random_placement
from lensmith.training.detector import batches as frames
from lensmith.training.detector.assignment import GroundTruthBoxes
from lensmith.training.detector.batches import DetectionBatches

PASTED_INTO = 0.5  # share of the frames, while there are mosaics
MOST_PASTED = 2  # things a frame
MOST_HIDDEN = 1 / 3  # share of a box that is covered
PLACES_TRIED = 10
SOFT_EDGE = 0.08  # of the shorter side, where a thing fades into the frame


class PastingFrames(DetectionBatches):
    """A pasted thing is its box's rectangle, in a size that the picture could have in a frame."""

    _pasting = True

    def batch(self, size: int, mosaic: float) -> tuple[Tensor, GroundTruthBoxes]:
        """Pasting ends when mosaics do: the last frames look as pictures look."""
        self._pasting = mosaic > 0
        return super().batch(size, mosaic)

    def _single(self) -> Scene:
        return self._pasted(super()._single())

    def _mosaic(self) -> Scene:
        return self._pasted(super()._mosaic())

    def _pasted(self, scene: Scene) -> Scene:
        if self._pasting and self._rng.random() < PASTED_INTO:
            for _ in range(self._rng.integers(1, MOST_PASTED, endpoint=True)):
                scene = self._with_another(scene)
        return scene

    def _with_another(self, scene: Scene) -> Scene:
        thing = self._thing(self._rng.choice(self._learning))
        if thing is None:
            return scene
        for _ in range(PLACES_TRIED):
            corner = self._corner(thing)
            if corner and hidden(scene.boxes, thing, corner).max(initial=0.0) <= MOST_HIDDEN:
                return pasted(scene, thing, corner)
        return scene

    def _thing(self, index: int) -> Scene | None:
        """A box of the picture and what is seen of others in it; None where there is no box."""
        if not len(self._boxes[index]):
            return None
        box = self._boxes[index][self._rng.choice(len(self._boxes[index]), p=self._weights[index])]
        pixels = self._pictures[index]
        size = pixels.shape[1], pixels.shape[0]
        sized = random_placement(
            size, self._input_size, self._view, frames.SINGLE_JITTER, self._rng
        )
        placement, area = filled_by(box, sized)
        return placed(pixels, self._boxes[index], self._labels[index], placement, area)

    def _corner(self, thing: Scene) -> tuple[int, int] | None:
        """Where it lies wholly in the view; None where it is too large for that."""
        height, width = thing.pixels.shape[:2]
        across, down = self._view[0] - width, self._view[1] - height
        if min(across, down) < 0:
            return None
        left, top = self._rng.integers(0, [across, down], endpoint=True).tolist()
        return left, top


def filled_by(box: Floats, picture: Placement) -> tuple[Placement, Size]:
    """An area as large as the box, in fractions of the picture, and the picture's place on it."""
    left, top, right, bottom = box * np.array([picture.width, picture.height] * 2, np.float32)
    area = max(round(float(right - left)), 1), max(round(float(bottom - top)), 1)
    return replace(picture, left=-round(float(left)), top=-round(float(top))), area


def pasted(scene: Scene, thing: Scene, corner: tuple[int, int]) -> Scene:
    """The thing over the scene, at its left and top corner."""
    pixels = scene.pixels.copy()
    height, width = thing.pixels.shape[:2]
    under = pixels[corner[1] : corner[1] + height, corner[0] : corner[0] + width]
    alpha = soft_rectangle((width, height))
    under[:] = (alpha * thing.pixels + (1 - alpha) * under).round().astype(np.uint8)
    boxes = thing.boxes + np.array(corner * 2, np.float32)
    return Scene(
        pixels,
        np.concatenate([scene.boxes, boxes]),
        np.concatenate([scene.labels, thing.labels]),
    )


def soft_rectangle(size: Size) -> Floats:
    """How much of a pasted thing is seen, [h, w, 1]: all but at its edge."""
    edge = max(SOFT_EDGE * min(size), 1.0)
    across, down = (
        np.minimum(np.arange(side) + 0.5, side - np.arange(side) - 0.5) / edge for side in size
    )
    alpha: Floats = np.minimum(across[None, :, None], down[:, None, None]).clip(0, 1)
    return alpha.astype(np.float32)


def hidden(boxes: Floats, thing: Scene, corner: tuple[int, int]) -> Floats:
    """The share [k] of each box that the thing would cover."""
    height, width = thing.pixels.shape[:2]
    first = np.maximum(boxes[:, :2], corner)
    last = np.minimum(boxes[:, 2:], (corner[0] + width, corner[1] + height))
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    shares: Floats = (last - first).clip(min=0).prod(1) / areas.clip(min=1e-6)
    return shares
