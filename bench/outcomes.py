"""Files of results: written once, or whole after each outcome that is added."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from lensmith.store.files import write_atomically

RESULTS = Path(__file__).parent / "results"


def write_results(name: str, document: object) -> None:
    """Write bench/results/NAME.json."""
    RESULTS.mkdir(exist_ok=True)
    write_atomically(RESULTS / f"{name}.json", msgspec.json.format(msgspec.json.encode(document)))


class Outcome(Protocol):
    """A frozen dataclass with its experiment, which can be hashed and sorted."""

    @property
    def experiment(self) -> Any: ...


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
        """Write the file with the outcome, which replaces an older one of its experiment."""
        with self._writing:
            self._file.parent.mkdir(exist_ok=True)
            merged = merge(self.read(), [outcome])
            write_atomically(self._file, msgspec.json.format(msgspec.json.encode(merged), indent=1))


def merge(old: Iterable[Kept], new: Iterable[Kept]) -> list[Kept]:
    """Both, the new one where an experiment is in both, sorted by experiment."""
    by_experiment = {one.experiment: one for one in (*old, *new)}
    return [by_experiment[experiment] for experiment in sorted(by_experiment)]
