"""Where the copper of a drawn board is: pads, planes and traces on a grid of cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

HEADINGS = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
MARGIN = 1  # cells at the edge of a board that stay free
TRIES = 30  # to find a place
LONGEST, SHORTEST = 45, 4  # cells of a trace

Cell = tuple[int, int]  # column, row


@dataclass(frozen=True, slots=True)
class Pad:
    cell: Cell
    half: tuple[float, float]  # width and height of a half, in cells
    square: bool
    hole: float  # radius in cells; 0 where nothing is drilled


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be mounted: its outline and its name are printed on the board."""

    name: str
    outline: tuple[float, float, float, float]  # left, top, right, bottom in cells


@dataclass(slots=True)
class Board:
    """Grows while it is laid out."""

    nets: NDArray[np.int64]  # [rows, columns]: which conductor is in a cell, 0 for none
    pads: list[Pad] = field(default_factory=list)
    traces: list[list[Cell]] = field(default_factory=list)
    planes: list[tuple[int, int, int, int]] = field(default_factory=list)  # both ends included
    parts: list[Part] = field(default_factory=list)

    def is_free(self, cell: Cell) -> bool:
        column, row = cell
        rows, columns = self.nets.shape
        inside = MARGIN <= column < columns - MARGIN and MARGIN <= row < rows - MARGIN
        return inside and not self.nets[row, column]

    def new_net(self) -> int:
        return int(self.nets.max()) + 1


def laid_out(columns: int, rows: int, rng: Generator) -> Board:
    """Lay out a board of cells: planes first, then parts, then traces between and around them."""
    board = Board(np.zeros((rows, columns), np.int64))
    area = columns * rows
    for _ in range(1 + area // 1200):
        _add_plane(board, rng)
    for _ in range(area // 130):
        _add_part(board, rng)
    for _ in range(area // 22):
        _add_loose_trace(board, rng)
    return board


def _add_plane(board: Board, rng: Generator) -> None:
    """A rectangle of copper with some plated holes in it."""
    width, height = (int(side) for side in rng.integers(4, 11, 2))
    corner = _free_place(board, width, height, rng)
    if corner is None:
        return
    left, top = corner
    net = board.new_net()
    board.nets[top : top + height, left : left + width] = net
    board.planes.append((left, top, left + width - 1, top + height - 1))
    for row in range(top + 1, top + height - 1, 3):
        for column in range(left + 1, left + width - 1, 3):
            if rng.random() < 0.5:
                board.pads.append(_via((column, row)))


def _add_part(board: Board, rng: Generator) -> None:
    """A chip, a plug or a small part lying or standing, with traces from most of its pads."""
    cells, pad, letters = _part_pads(rng)
    if rng.random() < 0.5:
        cells = [(row, column) for column, row in cells]
    width, height = (max(side) + 1 for side in zip(*cells, strict=True))
    corner = _free_place(board, width + 2, height + 2, rng)
    if corner is None:
        return
    left, top = corner[0] + 1, corner[1] + 1
    placed = [(left + column, top + row) for column, row in cells]
    for number, cell in enumerate(placed):
        board.nets[cell[1], cell[0]] = board.new_net()
        first = number == 0 and pad.hole > 0
        board.pads.append(Pad(cell, pad.half, pad.square or first, pad.hole))
    name = f"{rng.choice(letters)}{len(board.parts) + 1}"
    outline = (left - 0.9, top - 0.9, left + width - 0.1, top + height - 0.1)
    board.parts.append(Part(name, outline))
    plan = _plan(int(rng.integers(8)), rng)
    for cell in placed:
        if rng.random() < 0.85:
            _add_trace(board, cell, plan, rng)


def _part_pads(rng: Generator) -> tuple[list[Cell], Pad, list[str]]:
    """Cells of the pads from (0, 0) on, what each looks like, first letters of the name."""
    kind = rng.random()
    drilled = Pad((0, 0), (radius := rng.uniform(0.48, 0.62), radius), False, radius * 0.5)
    if kind < 0.3:
        pins, gap = int(rng.integers(3, 9)), int(rng.integers(4, 7))
        return [(2 * pin, row) for row in (0, gap) for pin in range(pins)], drilled, ["U", "IC"]
    if kind < 0.5:
        return [(2 * pin, 0) for pin in range(int(rng.integers(2, 11)))], drilled, ["J", "P"]
    side = rng.uniform(0.45, 0.6)
    flat = Pad((0, 0), (side, side * rng.uniform(0.8, 1.0)), True, 0.0)
    return [(0, 0), (int(rng.integers(2, 4)), 0)], flat, ["R", "C", "D", "L"]


def _add_loose_trace(board: Board, rng: Generator) -> None:
    """A trace between two plated holes, somewhere."""
    corner = _free_place(board, 1, 1, rng)
    if corner is None:
        return
    board.nets[corner[1], corner[0]] = board.new_net()
    board.pads.append(_via(corner))
    _add_trace(board, corner, _plan(int(rng.integers(8)), rng), rng)


def _add_trace(board: Board, start: Cell, plan: Sequence[int], rng: Generator) -> None:
    """Follow the plan from a pad for as long as there is room, and end in a plated hole."""
    net = int(board.nets[start[1], start[0]])
    path = [start]
    for heading in plan[: int(rng.integers(SHORTEST, LONGEST))]:
        following = _next_cell(board, path[-1], heading)
        if following is None or following in path:
            break
        path.append(following)
    if len(path) < SHORTEST:
        return
    for column, row in path:
        board.nets[row, column] = net
    board.traces.append(path)
    board.pads.append(_via(path[-1]))


def _plan(heading: int, rng: Generator) -> list[int]:
    """Headings of the steps: straight on for some cells, then a turn of 45 degrees."""
    steps: list[int] = []
    while len(steps) < LONGEST:
        steps += [heading] * int(rng.integers(2, 14))
        heading = (heading + int(rng.choice([-1, 1]))) % len(HEADINGS)
    return steps


def _next_cell(board: Board, cell: Cell, heading: int) -> Cell | None:
    """Where to go: as planned, or a turn to either side of it where that is taken."""
    for turned in (heading, heading + 1, heading - 1):
        across, down = HEADINGS[turned % len(HEADINGS)]
        following = cell[0] + across, cell[1] + down
        beside = [(cell[0] + across, cell[1]), (cell[0], cell[1] + down)]
        diagonal = across != 0 and down != 0
        if board.is_free(following) and not (diagonal and not all(map(board.is_free, beside))):
            return following
    return None


def _free_place(board: Board, width: int, height: int, rng: Generator) -> Cell | None:
    """The left top cell of a free rectangle; None where none is found."""
    rows, columns = board.nets.shape
    if width > columns - 2 * MARGIN or height > rows - 2 * MARGIN:
        return None
    for _ in range(TRIES):
        left = int(rng.integers(MARGIN, columns - MARGIN - width, endpoint=True))
        top = int(rng.integers(MARGIN, rows - MARGIN - height, endpoint=True))
        if not board.nets[top : top + height, left : left + width].any():
            return left, top
    return None


def _via(cell: Cell) -> Pad:
    return Pad(cell, (0.36, 0.36), square=False, hole=0.17)


def straight_cells(board: Board) -> Iterator[tuple[Cell, Cell]]:
    """Cells of traces where these go straight on, with the step from one to the next."""
    for path in board.traces:
        for before, cell, after in zip(path[1:], path[2:], path[3:], strict=False):
            step = cell[0] - before[0], cell[1] - before[1]
            if (after[0] - cell[0], after[1] - cell[1]) == step:
                yield cell, step
