"""Writes result files into the caller's bucket."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lensmith.domain.errors import ObjectStoreError
from lensmith.domain.project_version import ProjectVersion, ResultFile
from lensmith.manifest.line.finding import Code, ManifestFileError
from lensmith.store.objects import put_object, s3_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PROBE = ".lensmith-write-check"


class ResultFiles:
    """Writes under the OutputConfig of one version, with its caller's rights."""

    def __init__(self, client: S3Client, version: ProjectVersion, project_name: str) -> None:
        self._client = client
        self._version = version
        self._project_name = project_name
        self.keys: dict[ResultFile, str] = {}  # S3 keys of what was written

    def probe(self) -> None:
        """Raises ManifestFileError when the output location takes no file."""
        prefix = self._version.output_prefix.rstrip("/")
        key = f"{prefix}/{_PROBE}" if prefix else _PROBE
        self._put(key, b"", "application/octet-stream")
        # A caller who may write but not delete keeps one empty object.
        with suppress(ObjectStoreError), s3_errors(self._version.output_bucket, key):
            self._client.delete_object(Bucket=self._version.output_bucket, Key=key)

    def write(self, file: ResultFile, content: bytes | Path) -> None:
        """Raises ManifestFileError when the output location does not take it."""
        key = file.key(self._version.output_prefix, self._project_name, self._version.name)
        self._put(key, content, "application/json")
        self.keys[file] = key

    def _put(self, key: str, content: bytes | Path, content_type: str) -> None:
        try:
            put_object(self._client, self._version.output_bucket, key, content, content_type)
        except ObjectStoreError as error:
            raise ManifestFileError(Code.OUTPUT_BUCKET_NOT_WRITABLE) from error
