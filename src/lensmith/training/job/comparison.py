"""Compares the evaluations of two versions, picture by picture."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from lensmith.domain.readable import Folder
from lensmith.training.job.evaluation_files import IMAGES_FILE, MissingEvaluationError

MAX_FLIPS = 200  # listed of each kind


@dataclass(frozen=True, slots=True)
class Flip:
    """A test image that one of two versions gets right and the other does not."""

    source_ref: str
    before: msgspec.Raw  # ImageResult as JSON, of the other version
    after: msgspec.Raw


@dataclass(slots=True)
class Comparison:
    """A version beside another on the test images that both have."""

    same_test_set: bool  # the same images with the same ground truth
    shared_images: int
    fixed: list[Flip] = field(default_factory=list)  # right here, wrong in the other
    fixed_total: int = 0
    broken: list[Flip] = field(default_factory=list)  # wrong here, right in the other
    broken_total: int = 0


class _Counts(msgspec.Struct, gc=False):
    false_positives: int
    false_negatives: int


class _Image(msgspec.Struct):
    source_ref: str
    truth: msgspec.Raw
    counts: _Counts

    @property
    def is_right(self) -> bool:
        return self.counts.false_positives == self.counts.false_negatives == 0


def compare(directory: Folder, other: Folder) -> Comparison:
    """Compare the artefact with another; raises MissingEvaluationError."""
    decoder = msgspec.json.Decoder(_Image)
    before = {decoder.decode(line).source_ref: line for line in _lines(other)}
    lines = _lines(directory)
    comparison = Comparison(len(lines) == len(before), 0)
    for line in lines:
        here = decoder.decode(line)
        if (there_line := before.get(here.source_ref)) is None:
            comparison.same_test_set = False
            continue
        there = decoder.decode(there_line)
        comparison.shared_images += 1
        comparison.same_test_set &= bytes(here.truth) == bytes(there.truth)
        flip = Flip(here.source_ref, msgspec.Raw(there_line), msgspec.Raw(line))
        if here.is_right and not there.is_right:
            comparison.fixed_total += 1
            comparison.fixed += [flip][: MAX_FLIPS - len(comparison.fixed)]
        elif there.is_right and not here.is_right:
            comparison.broken_total += 1
            comparison.broken += [flip][: MAX_FLIPS - len(comparison.broken)]
    return comparison


def _lines(directory: Folder) -> list[bytes]:
    try:
        return (directory / IMAGES_FILE).read_bytes().splitlines()
    except FileNotFoundError as error:
        raise MissingEvaluationError(str(error)) from error
