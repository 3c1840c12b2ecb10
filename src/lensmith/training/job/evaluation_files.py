"""The evaluation report and the results of every test image, kept beside the model.

They are installed and deleted with the artefact. The images stand one a line, so that a page of a
large test set is read without holding the rest.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path
from typing import BinaryIO

import msgspec

from lensmith.domain.errors import LensmithError
from lensmith.domain.readable import Folder
from lensmith.evaluation.image_result import ImageResult, outcome_word
from lensmith.evaluation.report import EvaluationReport
from lensmith.evaluation.snapshot import PredictionOutcome
from lensmith.store.files import write_atomically

REPORT_FILE = "evaluation.json"
IMAGES_FILE = "evaluation-images.jsonl"

OUTCOMES = frozenset(
    outcome_word(outcome)
    for outcome in PredictionOutcome
    if outcome is not PredictionOutcome.TRUE_NEGATIVE
)
"""The outcomes that images can be chosen by; of true negatives only some are kept."""


class MissingEvaluationError(LensmithError):
    """The artefact has no evaluation report: it is older than they are, or was deleted."""


@dataclass(frozen=True, slots=True)
class ImageQuery:
    """Which images, in which order; what is empty selects everything."""

    labels: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()  # of OUTCOMES; with labels, of the same result
    name: str = ""  # part of the source-ref, case-insensitive
    truth: str = ""  # images that count in this row of the confusion matrix
    predicted: str = ""  # and in this column, in the same cell
    unmatched: bool = False  # only missed boxes of `truth`, or false ones of `predicted`
    worst_first: bool = True  # else in the order of the test set
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class ImagePage:
    total: int  # images that the query selects
    images: list[msgspec.Raw]  # ImageResult as JSON


def write(directory: Path, report: EvaluationReport, images: Iterable[ImageResult]) -> None:
    """Put both files into an artefact that is not installed yet."""
    encoder = msgspec.json.Encoder()
    with (directory / IMAGES_FILE).open("wb") as file:
        file.writelines(encoder.encode(image) + b"\n" for image in images)
        file.flush()
        os.fsync(file.fileno())
    write_atomically(directory / REPORT_FILE, encoder.encode(report))


def read_report(directory: Folder) -> bytes:
    """Read an EvaluationReport as JSON; raises MissingEvaluationError."""
    try:
        return (directory / REPORT_FILE).read_bytes()
    except FileNotFoundError as error:
        raise MissingEvaluationError(str(error)) from error


def read_images(directory: Folder, query: ImageQuery) -> ImagePage:
    """Read one page of images; raises MissingEvaluationError."""
    try:
        with (directory / IMAGES_FILE).open("rb") as file:
            selected = list(_selected(file, query))
            page = nsmallest(query.offset + query.limit, selected)[query.offset :]
            return ImagePage(len(selected), [_line_at(file, place) for _, place in page])
    except FileNotFoundError as error:
        raise MissingEvaluationError(str(error)) from error


class _ResultLine(msgspec.Struct, gc=False):
    label: str
    outcome: str


class _ConfusionLine(msgspec.Struct, gc=False):
    truth: str | None
    predicted: str | None


class _ImageLine(msgspec.Struct, gc=False):
    """The members of an ImageResult that the selection needs."""

    source_ref: str
    wrongness: float
    results: list[_ResultLine]
    confusions: list[_ConfusionLine] = []


def _selected(file: BinaryIO, query: ImageQuery) -> Iterator[tuple[float, int]]:
    """Return the offsets of the lines of selected images, each with its sort key."""
    decoder = msgspec.json.Decoder(_ImageLine)
    place = 0
    for line in file:
        entry = decoder.decode(line)
        if _is_selected(entry, query):
            yield -entry.wrongness if query.worst_first else 0.0, place
        place += len(line)


def _is_selected(entry: _ImageLine, query: ImageQuery) -> bool:
    if query.name and query.name.casefold() not in entry.source_ref.casefold():
        return False
    if not _is_in_cell(entry, query):
        return False
    if not query.labels and not query.outcomes:
        return True
    outcomes = query.outcomes or OUTCOMES
    return any(
        result.outcome in outcomes and (not query.labels or result.label in query.labels)
        for result in entry.results
    )


def _is_in_cell(entry: _ImageLine, query: ImageQuery) -> bool:
    if not query.truth and not query.predicted:
        return True
    return any(
        (not query.truth or each.truth == query.truth)
        and (not query.predicted or each.predicted == query.predicted)
        and (not query.unmatched or each.truth is None or each.predicted is None)
        for each in entry.confusions
    )


def _line_at(file: BinaryIO, place: int) -> msgspec.Raw:
    file.seek(place)
    return msgspec.Raw(file.readline())
