"""Reads a manifest from S3 in pieces, all of one version of the object."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Self

from lensmith.domain.errors import ObjectMissing, ObjectStoreError, ObjectTooLarge
from lensmith.store.objects import s3_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PIECE_BYTES = 8 << 20

_TRIES = 3  # of each piece: a connection may break while it is read


class ManifestReader:
    """One version of an object; raises ObjectStoreError if it changes while it is read."""

    def __init__(self, client: S3Client, address: Any, piece_bytes: int) -> None:
        self._client = client
        self._address = address  # Bucket, Key and perhaps VersionId
        self._piece_bytes = piece_bytes
        with s3_errors(address["Bucket"], address["Key"]):
            head = client.head_object(**address)
        self.size = head["ContentLength"]
        self._etag = head["ETag"]
        self._bytes_read = 0

    @classmethod
    def open(
        cls,
        client: S3Client,
        bucket: str,
        key: str,
        version: str | None = None,
        *,
        max_bytes: int,
        piece_bytes: int = PIECE_BYTES,
    ) -> Self:
        """Find the object of a manifest.

        Raises ObjectForbidden, ObjectMissing (also for a key without an extension),
        ObjectTooLarge or ObjectStoreError.
        """
        address = {"Bucket": bucket, "Key": key}
        if version:
            address["VersionId"] = version
        found = cls(client, address, piece_bytes)
        if not PurePosixPath(key).suffix:
            raise ObjectMissing(f"s3://{bucket}/{key} has no extension")
        if found.size > max_bytes:
            raise ObjectTooLarge(f"s3://{bucket}/{key}: {found.size} bytes")
        return found

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes in order; raises ObjectStoreError.

        Each piece is one ranged request: the reader may pause between them, and a broken
        connection costs one piece only.
        """
        while self._bytes_read < self.size:
            piece = self._piece(self._bytes_read)
            self._bytes_read += len(piece)
            yield piece

    def estimated_lines(self, lines: int) -> int:
        """Estimate the lines of the whole object from `lines` in the pieces read so far."""
        return max(lines, round(lines * self.size / max(1, self._bytes_read)))

    def _piece(self, start: int) -> bytes:
        end = min(start + self._piece_bytes, self.size) - 1
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
