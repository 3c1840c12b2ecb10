"""What goes wrong when a board is made, drawn into its masks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from PIL import ImageDraw

from research.circuits.layers import Layers, Point, Points, Scale, changed_points
from research.circuits.layout import Board, Cell, straight_cells

APART = 3.0  # cells between two defects at least
CORNERS = 16  # of a ragged outline

Vector = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a defect can be: cells, and the direction that matters to it."""

    cell: Point
    along: Vector = (1.0, 0.0)  # of length 1


@dataclass(frozen=True, slots=True)
class Defect:
    kind: str
    points: Points  # [k, 2] x, y of the mask pixels that it changed


@dataclass(frozen=True, slots=True)
class Hand:
    """What a defect is drawn with."""

    layers: Layers
    scale: Scale
    rng: Generator

    def blot(self, spot: Spot, along: float, across: float, fill: int, beside: float = 0.0) -> None:
        """A ragged ellipse of these radii, so far beside the spot (all in cells), in the copper."""
        outline = self._outline(spot, along, across, beside)
        ImageDraw.Draw(self.layers.copper).polygon(outline, fill=fill)
        if fill == 0:  # bare or not: where there is no copper there is none to be bare
            ImageDraw.Draw(self.layers.bare).polygon(outline, fill=0)

    def _outline(self, spot: Spot, along: float, across: float, beside: float) -> list[Point]:
        ahead, aside = spot.along, (-spot.along[1], spot.along[0])
        points = []
        for angle in np.linspace(0, 2 * math.pi, CORNERS, endpoint=False):
            rough = self.rng.uniform(0.8, 1.15)
            forth, off = rough * along * math.cos(angle), beside + rough * across * math.sin(angle)
            column = spot.cell[0] + ahead[0] * forth + aside[0] * off
            row = spot.cell[1] + ahead[1] * forth + aside[1] * off
            points.append(self.scale.point(column, row))
        return points


Draw = Callable[[Hand, Spot], None]
Find = Callable[[Board], Sequence[Spot]]


def _draw_open(hand: Hand, spot: Spot) -> None:
    hand.blot(spot, hand.rng.uniform(0.2, 0.45), 0.9 * hand.scale.trace, 0)


def _draw_short(hand: Hand, spot: Spot) -> None:
    hand.blot(spot, 0.62, hand.rng.uniform(0.1, 0.24), 255)


def _draw_mouse_bite(hand: Hand, spot: Spot) -> None:
    width = hand.scale.trace
    radius = hand.rng.uniform(0.35, 0.6) * width
    depth = hand.rng.uniform(0.4, 0.65) * width
    hand.blot(spot, radius * 1.2, radius, 0, width / 2 + radius - depth)


def _draw_spur(hand: Hand, spot: Spot) -> None:
    length = hand.rng.uniform(0.15, 0.27)
    thickness = hand.rng.uniform(0.09, 0.16)
    hand.blot(spot, thickness, length, 255, hand.scale.trace / 2 + 0.8 * length)


def _draw_spurious_copper(hand: Hand, spot: Spot) -> None:
    hand.blot(spot, hand.rng.uniform(0.18, 0.36), hand.rng.uniform(0.14, 0.3), 255)


def _draw_pin_hole(hand: Hand, spot: Spot) -> None:
    radius = hand.rng.uniform(0.13, 0.24)
    hand.blot(spot, radius, radius, 0)


def _draw_missing_hole(hand: Hand, spot: Spot) -> None:
    x, y = hand.scale.point(*spot.cell)
    reach = 0.45 * hand.scale.pitch
    ImageDraw.Draw(hand.layers.holes).ellipse((x - reach, y - reach, x + reach, y + reach), fill=0)


def _on_traces(board: Board) -> list[Spot]:
    return [Spot(cell, _direction(step)) for cell, step in straight_cells(board)]


def _beside_traces(board: Board) -> list[Spot]:
    """On traces, where nothing is on the left of them (as `Hand.blot` goes aside)."""
    return [
        Spot(cell, _direction(step))
        for cell, step in straight_cells(board)
        if board.is_free((cell[0] - step[1], cell[1] + step[0]))
    ]


def _between_nets(board: Board) -> list[Spot]:
    """Between two cells side by side with different conductors."""
    spots = []
    for across, down in ((1, 0), (0, 1)):
        rows, columns = board.nets.shape
        here = board.nets[: rows - down, : columns - across]
        there = board.nets[down:, across:]
        found = np.argwhere((here > 0) & (there > 0) & (here != there))
        spots += [
            Spot((column + across / 2, row + down / 2), (float(across), float(down)))
            for row, column in found.tolist()
        ]
    return spots


def _in_the_open(board: Board) -> list[Spot]:
    """Cells with nothing in them nor beside them."""
    rows, columns = board.nets.shape
    cells = [(column, row) for row in range(rows) for column in range(columns)]
    return [Spot(cell) for cell in cells if all(map(board.is_free, _around(cell)))]


def _around(cell: Cell) -> list[Cell]:
    column, row = cell
    return [cell, (column + 1, row), (column - 1, row), (column, row + 1), (column, row - 1)]


def _in_planes(board: Board) -> list[Spot]:
    """Between the plated holes of planes."""
    drilled = {pad.cell for pad in board.pads}
    return [
        Spot((column + 0.5, row + 0.5))
        for left, top, right, bottom in board.planes
        for row in range(top, bottom)
        for column in range(left, right)
        if not drilled & {(column + a, row + b) for a in (0, 1) for b in (0, 1)}
    ]


def _in_drilled_pads(board: Board) -> list[Spot]:
    return [Spot(pad.cell) for pad in board.pads if pad.hole > 0.2]


COPPER_DEFECTS: dict[str, tuple[Find, Draw]] = {
    "mouse_bite": (_on_traces, _draw_mouse_bite),
    "open_circuit": (_on_traces, _draw_open),
    "short": (_between_nets, _draw_short),
    "spur": (_beside_traces, _draw_spur),
    "spurious_copper": (_in_the_open, _draw_spurious_copper),
}
DRILLED: dict[str, tuple[Find, Draw]] = {
    **COPPER_DEFECTS,
    "missing_hole": (_in_drilled_pads, _draw_missing_hole),
}
ETCHED: dict[str, tuple[Find, Draw]] = {
    **COPPER_DEFECTS,
    "pin_hole": (_in_planes, _draw_pin_hole),
}


def spoil(
    board: Board,
    layers: Layers,
    scale: Scale,
    kinds: dict[str, tuple[Find, Draw]],
    wanted: int,
    rng: Generator,
) -> list[Defect]:
    """Draw `wanted` defects into the layers, fewer where there is no room."""
    hand, found, taken = Hand(layers, scale, rng), list[Defect](), list[Point]()
    spots = {kind: find(board) for kind, (find, _) in kinds.items()}
    for kind in rng.choice(list(kinds), wanted).tolist():
        free = [spot for spot in spots[kind] if _is_apart(spot.cell, taken)]
        if not free:
            continue
        spot = free[int(rng.integers(len(free)))]
        before = layers.copy()
        kinds[kind][1](hand, spot)
        points = changed_points(before, layers, _window(spot, scale, layers.copper.size))
        if len(points):
            taken.append(spot.cell)
            found.append(Defect(kind, points))
    return found


def _is_apart(cell: Point, taken: Sequence[Point]) -> bool:
    return all(math.dist(cell, other) >= APART for other in taken)


def _window(spot: Spot, scale: Scale, size: tuple[int, int]) -> tuple[int, int, int, int]:
    x, y = scale.point(*spot.cell)
    reach = 1.5 * scale.pitch
    left, top = max(0, round(x - reach)), max(0, round(y - reach))
    return left, top, min(size[0], round(x + reach)), min(size[1], round(y + reach))


def _direction(step: Cell) -> Vector:
    length = math.hypot(*step)
    return step[0] / length, step[1] / length
