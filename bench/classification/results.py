"""The cells of the classification benchmark, in a file that is whole after each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lensmith.store.files import write_whole

FILE = Path(__file__).parent.parent / "results" / "classification.json"
ALL = "all"


@dataclass(frozen=True, order=True, slots=True)
class Cell:
    """One training of one method."""

    set: str  # name of the folder
    size: str  # pictures a label, or `all`
    seed: int
    method: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a cell; shares are 0..1."""

    cell: Cell
    pictures: int  # trained on
    labels: int
    exclusive: bool
    macro_f1: float  # at the assumed thresholds
    score: float  # top-1 accuracy if exclusive, otherwise mean average precision
    seconds: float  # of the training, wall clock
    cpu_seconds: float
    threads: int  # 0: all cores


def read(file: Path = FILE) -> list[Outcome]:
    return msgspec.json.decode(file.read_bytes(), type=list[Outcome]) if file.exists() else []


def merge(old: Iterable[Outcome], new: Iterable[Outcome]) -> list[Outcome]:
    """Both, the new one where a cell is in both, sorted by cell."""
    by_cell = {one.cell: one for one in (*old, *new)}
    return [by_cell[cell] for cell in sorted(by_cell)]


def add(outcome: Outcome, file: Path = FILE) -> None:
    file.parent.mkdir(exist_ok=True)
    merged = merge(read(file), [outcome])
    write_whole(file, msgspec.json.format(msgspec.json.encode(merged), indent=1))
