"""Reads the manifest of a CreateDataset from the object store in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Self

from lensmith.manifest.line.finding import Code, ManifestFileError
from lensmith.store.objects import (
    ObjectForbidden,
    ObjectMissing,
    ObjectStoreError,
    ObjectStores,
    s3_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PIECE = 8 << 20
_TRIES = 3  # of each piece: a connection may break while it is read


class ManifestObject:
    """One version of an object; raises ObjectStoreError if it changes while it is read."""

    def __init__(self, client: S3Client, address: Any) -> None:
        self._client = client
        self._address = address  # Bucket, Key and perhaps VersionId
        with s3_errors(address["Bucket"], address["Key"]):
            head = client.head_object(**address)
        self.size = head["ContentLength"]
        self._etag = head["ETag"]
        self.bytes_read = 0

    @classmethod
    def open(cls, objects: ObjectStores, job_key: str, payload: Mapping[str, Any]) -> Self:
        """Find the object that a job names, with the rights of the caller's key.

        Raises ManifestFileError for the first three errors of manifests.md 2.1 and
        ObjectStoreError when the store fails.
        """
        address = {"Bucket": payload["bucket"], "Key": payload["key"]}
        if payload.get("version"):
            address["VersionId"] = payload["version"]
        try:
            found = cls(objects.for_key(job_key), address)
        except ObjectForbidden:
            raise ManifestFileError(Code.ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET) from None
        except ObjectMissing:
            raise ManifestFileError(
                Code.ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT
            ) from None
        if not PurePosixPath(payload["key"]).suffix:
            raise ManifestFileError(Code.ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT)
        return found

    def refuse_larger_than(self, limit: int) -> None:
        """Raise ManifestFileError if the object has more bytes."""
        if self.size > limit:
            raise ManifestFileError(Code.ERROR_MANIFEST_SIZE_TOO_LARGE)

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes in order; raises ObjectStoreError.

        Each piece is one ranged request: the reader may pause between them, and a broken
        connection costs one piece only.
        """
        while self.bytes_read < self.size:
            piece = self._piece(self.bytes_read)
            self.bytes_read += len(piece)
            yield piece

    def estimated_lines(self, lines: int) -> int:
        """Estimate the lines of the whole object from `lines` in the pieces read so far."""
        return max(lines, round(lines * self.size / max(1, self.bytes_read)))

    def _piece(self, start: int) -> bytes:
        end = min(start + _PIECE, self.size) - 1
        for attempt in range(1, _TRIES + 1):
            try:
                return self._get(f"bytes={start}-{end}")
            except ObjectStoreError:
                if attempt == _TRIES:
                    raise
        raise AssertionError("unreachable")

    def _get(self, bytes_range: str) -> bytes:
        with s3_errors(self._address["Bucket"], self._address["Key"]):
            found = self._client.get_object(**self._address, Range=bytes_range, IfMatch=self._etag)
            return found["Body"].read()
