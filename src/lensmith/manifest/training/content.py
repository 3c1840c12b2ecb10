"""What two checked manifests must satisfy together to be trained on (manifests.md 3.3, 3.4).

The rules come in groups; a group with a hit stops the later ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from lensmith.config import Quotas
from lensmith.manifest.line.entry import bucket_of
from lensmith.manifest.line.finding import Code
from lensmith.manifest.line.quotas import INVALID_SHARE_MAXIMUM, OVERLAP_MINIMUM
from lensmith.manifest.line.validate import CheckedLine, Outcome
from lensmith.manifest.training.checked import ImageFaults
from lensmith.manifest.training.use_case import UseCase


class Place(StrEnum):
    """The list of the manifest summary that holds a content error."""

    TRAINING = "training"
    TESTING = "testing"
    COMMON = "common"


@dataclass(frozen=True, slots=True)
class ContentError:
    code: Code
    place: Place


@dataclass(frozen=True, slots=True)
class PartLabels:
    """Distinct labels of the training and of the testing side."""

    training: Set[str]
    testing: Set[str]

    def overlap_is_sufficient(self) -> bool:
        shared = len(self.training & self.testing)
        return shared >= OVERLAP_MINIMUM * len(self.training)


def manifest_errors(
    place: Place, lines: Sequence[CheckedLine], faults: ImageFaults
) -> Iterator[ContentError]:
    """Group 1: each manifest alone, before any split."""
    for code, hit in (
        (Code.ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST, _has_too_many_invalid(lines)),
        (Code.ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS, _has_several_buckets(lines)),
        (Code.ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET, faults.bucket_denied),
        (Code.ERROR_INVALID_IMAGES_S3_BUCKET_OWNER, faults.bucket_of_other_owner),
        (Code.ERROR_FAILED_IMAGES_S3_COPY, faults.none_read),
    ):
        if hit:
            yield ContentError(code, place)


def label_errors(labels: PartLabels, use_case: UseCase, quotas: Quotas) -> Iterator[ContentError]:
    """Group 3: labels of both formats together, after any split."""
    yield from _too_few(labels, use_case, Code.ERROR_MANIFEST_TOO_FEW_LABELS)
    for place, names in ((Place.TRAINING, labels.training), (Place.TESTING, labels.testing)):
        if len(names) > quotas.labels:
            yield ContentError(Code.ERROR_MANIFEST_TOO_MANY_LABELS, place)
    if not labels.overlap_is_sufficient():
        yield ContentError(Code.ERROR_INSUFFICIENT_LABEL_OVERLAP, Place.COMMON)


def usable_label_errors(labels: PartLabels, use_case: UseCase) -> Iterator[ContentError]:
    """Group 4: labels in the format of the use case only."""
    yield from _too_few(labels, use_case, Code.ERROR_MANIFEST_TOO_FEW_USABLE_LABELS)
    if not labels.overlap_is_sufficient():
        yield ContentError(Code.ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP, Place.COMMON)


def in_table_order(errors: Iterable[ContentError]) -> list[ContentError]:
    """By code as the table lists them, the training side first."""
    codes, places = list(Code), list(Place)
    return sorted(errors, key=lambda e: (codes.index(e.code), places.index(e.place)))


def _too_few(labels: PartLabels, use_case: UseCase, code: Code) -> Iterator[ContentError]:
    for place, names in ((Place.TRAINING, labels.training), (Place.TESTING, labels.testing)):
        if len(names) < use_case.labels_minimum:
            yield ContentError(code, place)


def _has_too_many_invalid(lines: Sequence[CheckedLine]) -> bool:
    invalid = sum(line.outcome is Outcome.INVALID for line in lines)
    return invalid > INVALID_SHARE_MAXIMUM * len(lines)


def _has_several_buckets(lines: Sequence[CheckedLine]) -> bool:
    return len({bucket_of(line.source_ref) for line in lines if line.source_ref}) > 1
