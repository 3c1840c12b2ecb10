"""Outcomes of the search for an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lensmith.manifest.convert.draft import Problem, ProblemKind

_EXAMPLES = 3  # named of the images that it could be


@dataclass(frozen=True, slots=True)
class Placed:
    """The location of an image in S3, and the local file to upload there, if any."""

    source_ref: str  # s3://BUCKET/KEY
    file: Path | None
    is_guess: bool = False  # only a part of the name fits, and fits no other image


Placement = Placed | Problem


def ambiguous(image: str, matches: Sequence[str]) -> Problem:
    shown = ", ".join(matches[:_EXAMPLES]) + (", …" if len(matches) > _EXAMPLES else "")
    return Problem(ProblemKind.AMBIGUOUS_IMAGE, f"{image} ({shown})")
