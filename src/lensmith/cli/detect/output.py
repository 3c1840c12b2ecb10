"""Results as lines: JSON, CSV, or text for people."""

from __future__ import annotations

import csv
import enum
import io
from collections.abc import Sequence
from typing import Any

import msgspec

from lensmith.cli.detect.result import Found, Result
from lensmith.cli.terminal.printable import printable
from lensmith.domain.geometry import Box

_COLUMNS = (
    "source",
    "frame",
    "seconds",
    "width",
    "height",
    "name",
    "confidence",
    "left",
    "top",
    "box_width",
    "box_height",
    "left_ratio",
    "top_ratio",
    "width_ratio",
    "height_ratio",
    "error",
)


class OutputFormat(enum.StrEnum):
    """How results are written."""

    JSONL = "jsonl"
    CSV = "csv"
    TEXT = "text"

    @property
    def header(self) -> str:
        """The line before the first result, empty if the format has no header."""
        return _rows([_COLUMNS]) if self is OutputFormat.CSV else ""

    def lines(self, result: Result) -> str:
        """Format a result as one line, in CSV as one line per label and at least one."""
        if self is OutputFormat.JSONL:
            return msgspec.json.encode(_object(result)).decode() + "\n"
        if self is OutputFormat.CSV:
            return _rows(_cells(result))
        return _sentence(result) + "\n"


def _object(result: Result) -> dict[str, Any]:
    moment = result.moment
    return {
        "source": result.source,
        **({} if moment is None else {"frame": moment.frame, "seconds": round(moment.seconds, 3)}),
        "width": result.width,
        "height": result.height,
        "detections": [_detection(found, result) for found in result.found],
        **({} if result.error is None else {"error": result.error}),
    }


def _detection(found: Found, result: Result) -> dict[str, Any]:
    named = {"name": found.name, "confidence": found.confidence}
    if found.box is None:
        return named
    return {**named, "box": _pixels(found.box, result), "ratios": _ratios(found.box)}


def _pixels(box: Box, result: Result) -> dict[str, float]:
    width, height = result.width or 0, result.height or 0
    return {
        "left": round(box.left * width, 1),
        "top": round(box.top * height, 1),
        "width": round(box.width * width, 1),
        "height": round(box.height * height, 1),
    }


def _ratios(box: Box) -> dict[str, float]:
    return {"left": box.left, "top": box.top, "width": box.width, "height": box.height}


def _cells(result: Result) -> list[list[Any]]:
    moment = result.moment
    when = [None, None] if moment is None else [moment.frame, round(moment.seconds, 3)]
    picture = [result.source, *when, result.width, result.height]
    if not result.found:
        return [[*picture, *[None] * 10, result.error]]
    return [[*picture, *_label_cells(found, result), result.error] for found in result.found]


def _label_cells(found: Found, result: Result) -> list[Any]:
    box = found.box
    places = [None] * 8 if box is None else [*_pixels(box, result).values(), *_ratios(box).values()]
    return [found.name, found.confidence, *places]


def _rows(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _sentence(result: Result) -> str:
    where = result.source
    if result.moment is not None:
        where += f" at {result.moment.seconds:.2f} s"
    labels = ", ".join(f"{found.name} {found.confidence:.0f} %" for found in result.found)
    said = labels or "nothing" if result.error is None else f"failed: {result.error}"
    return printable(f"{where}: {said}")
