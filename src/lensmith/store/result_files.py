"""Writes a version's result files: beside its model, and into the caller's bucket.

Those beside the model are what a copy of the version is given: it never reads the bucket of its
source.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lensmith.domain.errors import ObjectStoreError, OutputNotWritable
from lensmith.domain.project_version import ProjectVersion, ResultFile
from lensmith.domain.readable import Readable, Writable, WritableFolder
from lensmith.store.objects import put_object, s3_errors
from lensmith.store.outage import waiting_out

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "results"  # in the artefact's
_PROBE = ".lensmith-write-check"


class ResultFiles:
    """Writes under the OutputConfig of one version, with its caller's rights."""

    def __init__(
        self,
        client: S3Client,
        version: ProjectVersion,
        project_name: str,
        artefact: WritableFolder,
        key_arn: str | None = None,
        patience_seconds: float = 0,
    ) -> None:
        """Build the writer; `key_arn` is of the key of KMS that encrypts what is uploaded.

        A store that is away is waited for, for `patience_seconds`.
        """
        self._client = client
        self._patience_seconds = patience_seconds
        self._version = version
        self._project_name = project_name
        self._artefact = artefact
        self._key_arn = key_arn
        self.keys: dict[ResultFile, str] = {}  # S3 keys of what was written

    def probe(self) -> None:
        """Raises OutputNotWritable when the output location takes no file."""
        prefix = self._version.output_prefix.rstrip("/")
        key = f"{prefix}/{_PROBE}" if prefix else _PROBE
        self._put(key, b"", "application/octet-stream")
        # A caller who may write but not delete keeps one empty object.
        with suppress(ObjectStoreError), s3_errors(self._version.output_bucket, key):
            self._client.delete_object(Bucket=self._version.output_bucket, Key=key)

    def write(self, file: ResultFile, parts: Iterable[bytes]) -> None:
        """Keep a file beside the model and upload it; raises OutputNotWritable."""
        if isinstance(self._artefact, Path):
            (self._artefact / FOLDER).mkdir(parents=True, exist_ok=True)
        with self._kept(file).open("wb") as kept:
            kept.writelines(parts)
            kept.flush()
            os.fsync(kept.fileno())
        self._upload(file)

    def upload_kept(self) -> None:
        """Upload every file that lies beside the model; raises OutputNotWritable."""
        for file in ResultFile:
            if self._kept(file).exists():
                self._upload(file)

    def _upload(self, file: ResultFile) -> None:
        key = file.key(self._version.output_prefix, self._project_name, self._version.name)
        self._put(key, self._kept(file), "application/json")
        self.keys[file] = key

    def _kept(self, file: ResultFile) -> Writable:
        return self._artefact / f"{FOLDER}/{file.value}.json"

    def _put(self, key: str, content: bytes | Readable, content_type: str) -> None:
        bucket = self._version.output_bucket

        def put() -> None:
            put_object(self._client, bucket, key, content, content_type, key_arn=self._key_arn)

        try:
            waiting_out(put, self._patience_seconds)
        except ObjectStoreError as error:
            raise OutputNotWritable(str(error)) from error
