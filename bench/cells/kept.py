"""Outcomes in a file that is whole after each of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from lensmith.store.files import write_atomically

RESULTS = Path(__file__).parent.parent / "results"


class Outcome(Protocol):
    """What came of a cell: a frozen dataclass; cells can be hashed and sorted."""

    @property
    def cell(self) -> Any: ...


Kept = TypeVar("Kept", bound=Outcome)


class KeptOutcomes(Generic[Kept]):
    """The outcomes of one benchmark; `add` may be called from several threads."""

    def __init__(self, file: Path, kind: type[list[Kept]]) -> None:
        self._file = file
        self._kind = kind
        self._writing = Lock()

    def read(self) -> list[Kept]:
        if not self._file.exists():
            return []
        return msgspec.json.decode(self._file.read_bytes(), type=self._kind)

    def add(self, outcome: Kept) -> None:
        """Keep an outcome in the place of an older one of its cell."""
        with self._writing:
            self._file.parent.mkdir(exist_ok=True)
            merged = merge(self.read(), [outcome])
            write_atomically(self._file, msgspec.json.format(msgspec.json.encode(merged), indent=1))


def merge(old: Iterable[Kept], new: Iterable[Kept]) -> list[Kept]:
    """Both, the new one where a cell is in both, sorted by cell."""
    by_cell = {one.cell: one for one in (*old, *new)}
    return [by_cell[cell] for cell in sorted(by_cell)]
