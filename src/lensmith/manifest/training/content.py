"""Rules that two checked manifests must satisfy to be trained on (manifests.md 3.3, 3.4).

The rules come in groups; a group with a hit stops the later ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from lensmith.config import Quotas
from lensmith.manifest.line.entry import bucket_of
from lensmith.manifest.line.finding import Code
from lensmith.manifest.line.quotas import INVALID_FRACTION_MAXIMUM, OVERLAP_MINIMUM
from lensmith.manifest.line.validate import CheckedLine, LineStatus
from lensmith.manifest.training.checked import ImageFaults
from lensmith.manifest.training.use_case import UseCase


class ErrorScope(StrEnum):
    """The list of the manifest summary that holds a content error."""

    TRAINING = "training"
    TESTING = "testing"
    COMMON = "common"


@dataclass(frozen=True, slots=True)
class ContentError:
    code: Code
    scope: ErrorScope


@dataclass(frozen=True, slots=True)
class PartLabels:
    """Distinct labels of the training and of the testing side."""

    training: Set[str]
    testing: Set[str]

    def by_scope(self) -> Iterator[tuple[ErrorScope, Set[str]]]:
        yield ErrorScope.TRAINING, self.training
        yield ErrorScope.TESTING, self.testing

    def overlap_is_sufficient(self) -> bool:
        shared = len(self.training & self.testing)
        return shared >= OVERLAP_MINIMUM * len(self.training)


def manifest_errors(
    scope: ErrorScope, lines: Sequence[CheckedLine], faults: ImageFaults
) -> Iterator[ContentError]:
    """Yield errors of one manifest before any split: invalid lines, buckets, access to images."""
    for code, hit in (
        (Code.ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST, _has_too_many_invalid(lines)),
        (Code.ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS, _has_several_buckets(lines)),
        (Code.ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET, faults.bucket_denied),
        (Code.ERROR_INVALID_IMAGES_S3_BUCKET_OWNER, faults.bucket_of_other_owner),
        (Code.ERROR_FAILED_IMAGES_S3_COPY, faults.none_read),
    ):
        if hit:
            yield ContentError(code, scope)


def label_errors(labels: PartLabels, use_case: UseCase, quotas: Quotas) -> Iterator[ContentError]:
    """Yield errors in the number and overlap of labels of both formats, after any split."""
    yield from _too_few(labels, use_case, Code.ERROR_MANIFEST_TOO_FEW_LABELS)
    for scope, names in labels.by_scope():
        if len(names) > quotas.labels:
            yield ContentError(Code.ERROR_MANIFEST_TOO_MANY_LABELS, scope)
    if not labels.overlap_is_sufficient():
        yield ContentError(Code.ERROR_INSUFFICIENT_LABEL_OVERLAP, ErrorScope.COMMON)


def usable_label_errors(labels: PartLabels, use_case: UseCase) -> Iterator[ContentError]:
    """Yield errors in the number and overlap of labels in the use case's format only."""
    yield from _too_few(labels, use_case, Code.ERROR_MANIFEST_TOO_FEW_USABLE_LABELS)
    if not labels.overlap_is_sufficient():
        yield ContentError(Code.ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP, ErrorScope.COMMON)


def in_table_order(errors: Iterable[ContentError]) -> list[ContentError]:
    """Sort by code as the table lists them, the training side first."""
    codes, scopes = list(Code), list(ErrorScope)
    return sorted(errors, key=lambda e: (codes.index(e.code), scopes.index(e.scope)))


def _too_few(labels: PartLabels, use_case: UseCase, code: Code) -> Iterator[ContentError]:
    for scope, names in labels.by_scope():
        if len(names) < use_case.labels_minimum:
            yield ContentError(code, scope)


def _has_too_many_invalid(lines: Sequence[CheckedLine]) -> bool:
    invalid = sum(line.status is LineStatus.INVALID for line in lines)
    return invalid > INVALID_FRACTION_MAXIMUM * len(lines)


def _has_several_buckets(lines: Sequence[CheckedLine]) -> bool:
    return len({bucket_of(line.source_ref) for line in lines if line.source_ref}) > 1
