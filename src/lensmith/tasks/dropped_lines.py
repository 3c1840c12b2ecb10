"""Lists what an import left out, with the reason of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lensmith.datasets.stores import Stores
from lensmith.exchange.services import Location
from lensmith.manifest.convert.draft import Problem
from lensmith.manifest.dataset.entry import RejectedLine
from lensmith.manifest.dataset.line_reader import LineReader
from lensmith.manifest.line.attributes import SOURCE_REF
from lensmith.manifest.line.reading import parse, read_lines
from lensmith.store.manifest_reader import ManifestReader

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LISTED = 1000  # named one by one; the others are counted


@dataclass(frozen=True, slots=True)
class DroppedLine:
    line: int | None  # of a manifest, from 1
    code: str
    source_ref: str | None
    where: str | None = None  # file, line, image of another format


@dataclass(slots=True)
class Dropped:
    lines: list[DroppedLine] = field(default_factory=list)
    total: int = 0
    notes: list[DroppedLine] = field(default_factory=list)  # nothing was left out for them

    def add(self, line: DroppedLine) -> None:
        self.total += 1
        if len(self.lines) < LISTED:
            self.lines.append(line)


def dropped_lines(
    s3: S3Client, manifest: Location, stores: Stores, count: Callable[[], None]
) -> Dropped:
    """Read a manifest as CreateDataset does; `count` is called after each line."""
    quotas = stores.settings.quotas
    source = ManifestReader.open(s3, manifest.bucket, manifest.key, max_bytes=quotas.manifest_bytes)
    reader, dropped = LineReader(quotas), Dropped()
    for line in read_lines(source.pieces()):
        checked = reader.take(line)
        if isinstance(checked, RejectedLine):
            dropped.add(DroppedLine(reader.lines, checked.name, _source_ref(line)))
        count()
    return dropped


def of_problems(problems: Sequence[Problem]) -> Dropped:
    """Collect what an importer left out, and apart from it what it only remarked."""
    dropped = Dropped()
    for problem in problems:
        line = DroppedLine(None, problem.kind.name, None, problem.shown)
        if not problem.kind.is_note:
            dropped.add(line)
        elif len(dropped.notes) < LISTED:
            dropped.notes.append(line)
    return dropped


def _source_ref(line: bytes) -> str | None:
    raw = parse(line)
    found = raw.get(SOURCE_REF) if raw is not None else None
    return found if isinstance(found, str) else None
