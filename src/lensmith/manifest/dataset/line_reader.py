"""Checks that a whole manifest can become entries of a dataset (manifests.md 2.1)."""

from __future__ import annotations

from lensmith.config import Quotas
from lensmith.manifest.dataset.entry import DatasetLine, RejectedLine, check_entry
from lensmith.manifest.line.entry import bucket_of
from lensmith.manifest.line.finding import Code, ManifestFileError
from lensmith.manifest.line.quotas import INVALID_FRACTION_MAXIMUM
from lensmith.manifest.line.reading import is_blank


class LineReader:
    """Checks the lines of one manifest as they stream by.

    Memory: one hash a source-ref. `bucket` is that of the entries a dataset already has.
    """

    def __init__(self, quotas: Quotas, bucket: str | None = None) -> None:
        self.lines = 0
        self.dropped = 0
        self._quotas = quotas
        self._bucket = bucket
        self._buckets_differ = False
        self._objects = 0
        self._blank = 0
        self._seen: set[int] = set()

    def take(self, line: bytes) -> DatasetLine | RejectedLine:
        """Check the next line; raises ManifestFileError at the line beyond the limit."""
        self.lines += 1
        if self.lines > self._quotas.dataset_entries:
            self._require_content()
            raise ManifestFileError(Code.ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM)
        checked = self._without_repetition(check_entry(line))
        if isinstance(checked, DatasetLine):
            self._note_bucket(checked.source_ref)
        else:
            self.dropped += 1
            self._blank += is_blank(line)
        self._objects += checked is not RejectedLine.NOT_AN_OBJECT
        return checked

    def finish(self, *, entries: int, labels: int) -> None:
        """Judge the manifest as a whole; raises ManifestFileError.

        `entries` and `labels` count what the dataset would hold once the lines are in.
        """
        self._require_content()
        if entries > self._quotas.dataset_entries:
            raise ManifestFileError(Code.ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM)
        if self.dropped > INVALID_FRACTION_MAXIMUM * self.lines:
            raise ManifestFileError(Code.ERROR_TOO_MANY_RECORDS_IN_ERROR)
        if self._buckets_differ:
            raise ManifestFileError(Code.ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS)
        if labels > self._quotas.labels:
            raise ManifestFileError(Code.ERROR_MANIFEST_TOO_MANY_LABELS)

    def _without_repetition(
        self, checked: DatasetLine | RejectedLine
    ) -> DatasetLine | RejectedLine:
        if isinstance(checked, RejectedLine):
            return checked
        # Hashes of text are keyed by a secret of the process, so collisions cannot be crafted.
        mark = hash(checked.source_ref)
        if mark in self._seen:
            return RejectedLine.REPEATED_SOURCE_REF
        self._seen.add(mark)
        return checked

    def _note_bucket(self, source_ref: str) -> None:
        bucket = bucket_of(source_ref)
        if self._bucket is None:
            self._bucket = bucket
        elif bucket != self._bucket:
            self._buckets_differ = True

    def _require_content(self) -> None:
        if self._blank == self.lines:
            raise ManifestFileError(Code.ERROR_EMPTY_MANIFEST)
        if not self._objects:
            raise ManifestFileError(Code.ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT)
