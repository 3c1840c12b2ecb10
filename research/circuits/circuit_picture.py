"""One picture of a board with defects, or of the same board without them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.random import Generator, default_rng

from research.circuits.defects import DRILLED, ETCHED, Defect, spoil
from research.circuits.framing import Framing, view_of
from research.circuits.layers import FINER, Layers, Points, Scale, layers_of
from research.circuits.layout import Board, laid_out
from research.circuits.looks import Make, Pixels, drawn_make, photographed, scanned

FEWEST, MOST = 3, 8  # defects a picture
TILT = 1.5  # degrees, either way
SLACK = (0.06, 0.18)  # cells that a box leaves free on each side of what changed
LEAST_SIDE = 0.85  # of a box, in cells: who draws boxes shows some of what is around
EDGE = 0.4  # cells of the masks that are not board


class Flavour(Enum):
    PHOTOGRAPHS = "circuits"  # the name of the set
    SCANS = "scans"


@dataclass(frozen=True, slots=True)
class CircuitBoard:
    """A board before anything goes wrong with it."""

    flavour: Flavour
    size: tuple[int, int]  # width, height of its pictures
    board: Board
    scale: Scale
    make: Make


@dataclass(frozen=True, slots=True)
class BoxedDefect:
    kind: str
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class CircuitPicture:
    pixels: Pixels  # [h, w, 3]
    defects: tuple[BoxedDefect, ...]


def drawn_board(
    flavour: Flavour, seed: int, number: int, size: tuple[int, int] | None = None
) -> CircuitBoard:
    """Another board for each number; `size` is width and height of its pictures."""
    rng = default_rng([seed, number])
    pitch = rng.uniform(20, 28)  # pixels of the picture
    size = size or ((640, 640) if flavour is Flavour.SCANS else _photograph_size(rng))
    columns, rows = (int(side / pitch) for side in size)
    board = laid_out(columns, rows, rng)
    scale = Scale(pitch * FINER, rng.uniform(0.34, 0.5))
    return CircuitBoard(flavour, size, board, scale, drawn_make(rng))


def picture_of(circuit: CircuitBoard, seed: tuple[int, ...], *, flawless: bool) -> CircuitPicture:
    """Another picture for each seed; of one seed the flawless one differs by the defects alone."""
    masks = (circuit.size[0] * FINER, circuit.size[1] * FINER)
    layers = layers_of(circuit.board, masks, circuit.scale)
    defects = [] if flawless else _spoilt(circuit, layers, default_rng([*seed, 0]))
    rng = default_rng([*seed, 1])
    if circuit.flavour is Flavour.SCANS:
        framing = Framing(circuit.size)
        pixels = scanned(view_of(layers, framing, 0.0), rng)
    else:
        framing = Framing(circuit.size, rng.uniform(-TILT, TILT), _moved(rng))
        edge = EDGE * circuit.scale.pitch
        pixels = photographed(view_of(layers, framing, edge), circuit.make, rng)
    pitch, boxing = circuit.scale.pitch / FINER, default_rng([*seed, 2])
    boxes = [
        _box(one.kind, framing.seen_points(one.points), pitch, circuit.size, boxing)
        for one in defects
    ]
    return CircuitPicture(pixels, tuple(boxes))


def _photograph_size(rng: Generator) -> tuple[int, int]:
    return int(rng.integers(1500, 1700)), int(rng.integers(940, 1060))


def _moved(rng: Generator) -> tuple[float, float]:
    across, down = rng.uniform(-12, 12, 2)
    return float(across), float(down)


def _spoilt(circuit: CircuitBoard, layers: Layers, rng: Generator) -> list[Defect]:
    kinds = ETCHED if circuit.flavour is Flavour.SCANS else DRILLED
    wanted = int(rng.integers(FEWEST, MOST, endpoint=True))
    return spoil(circuit.board, layers, circuit.scale, kinds, wanted, rng)


def _box(
    kind: str, points: Points, pitch: float, size: tuple[int, int], rng: Generator
) -> BoxedDefect:
    """Around the changed pixels, as a person with a mouse would draw it."""
    slack = rng.uniform(*SLACK, 4) * pitch
    low, high = points.min(0) - slack[:2], points.max(0) + slack[2:]
    short = (LEAST_SIDE * pitch - (high - low)).clip(0) / 2
    limits = np.array(size)
    left, top = np.floor(low - short).clip(0, limits - 1).astype(int).tolist()
    right, bottom = np.ceil(high + short).clip(1, limits).astype(int).tolist()
    return BoxedDefect(kind, left, top, right - left, bottom - top)
