"""Curves over 0 to 1 in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from plotille import Canvas
from rich.text import Text

_HEIGHT = 10  # rows
_MARGIN = 5  # columns before the plot


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    colour: str  # of ANSI, by name
    points: Sequence[tuple[float, float]]  # both 0..1, from left to right


def chart(series: Sequence[Series], width: int, below: str, marked: float | None = None) -> Text:
    """Draw curves in one frame with a legend; `marked` draws a vertical line there.

    `width` in columns, of which the axis takes some; `below` names the horizontal axis.
    """
    inner = width - _MARGIN - 1
    # A canvas leaves out its upper ends: they are chosen so that 1 falls on the last dot.
    dots_across, dots_up = 2 * inner, 4 * _HEIGHT
    right, top = dots_across / (dots_across - 1), dots_up / (dots_up - 1)
    canvas = Canvas(inner, _HEIGHT, xmin=0.0, xmax=right, ymin=0.0, ymax=top)
    if marked is not None:
        canvas.line(marked, 0.0, marked, 1.0, color="bright_black")
    for each in series:
        for (start, low), (end, high) in pairwise(each.points):
            canvas.line(start, low, end, high, color=each.colour)
        if len(each.points) == 1:
            canvas.point(*each.points[0], color=each.colour)
    rows = Text.from_ansi(canvas.plot()).split("\n")
    lines = [_legend(series, below)]
    for number, row in enumerate(rows):
        lines.append(Text.assemble((_height_label(number, len(rows)), "dim"), ("│", "dim"), row))
    lines.append(Text(f"{'':{_MARGIN}}└{'─' * inner}", "dim"))
    lines.append(Text(f"{'':{_MARGIN}}{_scale(inner + 1)}", "dim"))
    return Text("\n").join(lines)


def _legend(series: Sequence[Series], below: str) -> Text:
    named = [Text.assemble(("━ ", each.colour), each.name) for each in series]
    return Text.assemble(" " * (_MARGIN + 1), Text("   ").join(named), (f"   by {below}", "dim"))


def _height_label(row: int, rows: int) -> str:
    ends = {0: "1.0", rows // 2: "0.5", rows - 1: "0.0"}
    return f"{ends.get(row, ''):>{_MARGIN - 1}} "


def _scale(width: int) -> str:
    """Map a value to 0 below the left end and 1 beyond the right one."""
    marks = [" "] * (width + 1)
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        text = f"{value:g}"
        start = min(round(value * width), width - len(text))
        marks[start : start + len(text)] = text
    return "".join(marks).rstrip()
