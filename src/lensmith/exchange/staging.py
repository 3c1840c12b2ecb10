"""Turns drafts into a manifest file and a list of uploads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec

from lensmith.exchange.image_file import upright_size
from lensmith.exchange.images import Images
from lensmith.exchange.placement import Placed
from lensmith.exchange.services import Location
from lensmith.manifest.convert.annotated_image import declared_size
from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind
from lensmith.manifest.line.attributes import SOURCE_REF, pairs_of
from lensmith.manifest.line.reading import is_too_long

_OTHER_SHAPE = 0.02  # of the aspect: more than rounding when an image is scaled


@dataclass(frozen=True, slots=True)
class Upload:
    file: Path
    target: Location


@dataclass(slots=True)
class Kept:
    """Images of one bucket that stay where the source names them."""

    first: Location
    count: int = 0


@dataclass(slots=True)
class Staged:
    """Counts, uploads and problems of a staged import."""

    lines: int = 0
    uploads: list[Upload] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    kept: dict[str, Kept] = field(default_factory=dict)  # images that stay, by their buckets

    @property
    def skipped(self) -> int:
        """Count the problems that cost something; the others only want a look."""
        return sum(not problem.kind.is_note for problem in self.problems)


def stage(
    drafts: Iterable[Draft | Problem],
    images: Images,
    manifest: IO[bytes],
    done: Callable[[], None] = lambda: None,
) -> Staged:
    """Write the line of every draft whose image is usable; `done` is called after each.

    Drafts whose image was found by a part of its name only come last: an image that another
    draft names in full is not theirs, and one that two of them claim belongs to neither.
    """
    staging = _Staging(images, manifest)
    for draft in drafts:
        staging.add(draft)
        done()
    staging.add_guesses()
    return staging.staged


class _Staging:
    def __init__(self, images: Images, manifest: IO[bytes]) -> None:
        self.staged = Staged()
        self._images = images
        self._manifest = manifest
        self._taken: set[str | Path] = set()
        self._guesses: defaultdict[str, list[tuple[Draft, Placed]]] = defaultdict(list)

    def add(self, draft: Draft | Problem) -> None:
        if isinstance(draft, Problem):
            self.staged.problems.append(draft)
            return
        placed = self._images.place(draft.image, draft.others)
        if isinstance(placed, Problem):
            self.staged.problems.append(placed)
        elif placed.is_guess:
            self._guesses[placed.source_ref].append((draft, placed))
        else:
            self._write(draft, placed)

    def add_guesses(self) -> None:
        for claims in self._guesses.values():
            if len({draft.image for draft, _ in claims}) == 1:
                for draft, placed in claims:
                    self._write(draft, placed)
                continue
            shown = Location.read(claims[0][1].source_ref).key.rpartition("/")[2]
            for draft, _ in claims:
                where = f"{draft.image} (only {shown} is there)"
                self.staged.problems.append(Problem(ProblemKind.AMBIGUOUS_NAME, where))

    def _write(self, draft: Draft, placed: Placed) -> None:
        names = {placed.source_ref} | ({placed.file} if placed.file is not None else set())
        line = msgspec.json.encode({SOURCE_REF: placed.source_ref, **draft.attributes})
        if not self._taken.isdisjoint(names):
            self.staged.problems.append(Problem(ProblemKind.REPEATED_IMAGE, draft.image))
            return
        if is_too_long(line):
            self.staged.problems.append(Problem(ProblemKind.LINE_TOO_LONG, draft.image))
            return
        self._taken |= names
        self._manifest.write(line + b"\n")
        self.staged.lines += 1
        if placed.file is not None:
            self.staged.problems += _displaced(draft, placed.file)
            self.staged.uploads.append(Upload(placed.file, Location.read(placed.source_ref)))
        else:
            location = Location.read(placed.source_ref)
            self.staged.kept.setdefault(location.bucket, Kept(location)).count += 1


def _displaced(draft: Draft, file: Path) -> Iterator[Problem]:
    """Name an image of another shape than its line declares, as EXIF rotations cause."""
    declared = next(filter(None, map(declared_size, pairs_of(dict(draft.attributes)))), None)
    actual = upright_size(file) if declared is not None else None
    if declared is None or actual is None:
        return
    (width, height), (real_width, real_height) = declared, actual
    if abs(width * real_height / (height * real_width) - 1) > _OTHER_SHAPE:
        shown = f"{width:g} x {height:g} declared, {real_width} x {real_height} upright"
        yield Problem(ProblemKind.SIZE_DIFFERS, f"{draft.image} ({shown})")
