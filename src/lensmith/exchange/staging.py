"""Turns drafts into a manifest file and a list of uploads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec

from lensmith.exchange.images import Images, Placed
from lensmith.exchange.services import Location
from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind
from lensmith.manifest.line.attributes import SOURCE_REF
from lensmith.manifest.line.reading import is_too_long


@dataclass(frozen=True, slots=True)
class Upload:
    file: Path
    target: Location


@dataclass(slots=True)
class Staged:
    """Counts, uploads and problems of a staged import."""

    lines: int = 0
    uploads: list[Upload] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def stage(
    drafts: Iterable[Draft | Problem],
    images: Images,
    manifest: IO[bytes],
    done: Callable[[], None] = lambda: None,
) -> Staged:
    """Write the line of every draft whose image is usable; `done` is called after each."""
    staged = Staged()
    taken: set[str] = set()
    for draft in drafts:
        problem = (
            draft
            if isinstance(draft, Problem)
            else _stage_one(draft, images, manifest, staged, taken)
        )
        if problem is not None:
            staged.problems.append(problem)
        done()
    return staged


def _stage_one(
    draft: Draft, images: Images, manifest: IO[bytes], staged: Staged, taken: set[str]
) -> Problem | None:
    placed = images.place(draft.image)
    if not isinstance(placed, Placed):
        return Problem(placed, draft.image)
    if placed.source_ref in taken:
        return Problem(ProblemKind.REPEATED_IMAGE, draft.image)
    line = msgspec.json.encode({SOURCE_REF: placed.source_ref, **draft.attributes})
    if is_too_long(line):
        return Problem(ProblemKind.LINE_TOO_LONG, draft.image)
    taken.add(placed.source_ref)
    manifest.write(line + b"\n")
    staged.lines += 1
    if placed.file is not None:
        staged.uploads.append(Upload(placed.file, Location.read(placed.source_ref)))
    return None
