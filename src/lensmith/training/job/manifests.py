"""Provides the manifests of a training as local files, from a snapshot or from S3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from lensmith.manifest.line.finding import Code, ManifestFileError
from lensmith.manifest.line.reading import read_lines
from lensmith.store.objects import (
    ObjectForbidden,
    ObjectMissing,
    object_size,
    open_object,
    s3_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PIECE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A manifest on this machine; `bucket` is where it came from, None for a dataset's."""

    path: Path
    bucket: str | None = None

    def lines(self) -> Iterator[bytes]:
        """Every line without its end; raises ManifestFileError when it is not UTF-8."""
        with self.path.open("rb") as file:
            yield from read_lines(iter(lambda: file.read(_PIECE), b""))


@dataclass(frozen=True, slots=True)
class Manifests:
    training: ManifestFile
    testing: ManifestFile | None  # None: split off the training manifest


def from_snapshot(directory: Path) -> Manifests:
    """The datasets as CreateProjectVersion froze them."""
    testing = directory / "test.manifest"
    return Manifests(
        ManifestFile(directory / "train.manifest"),
        ManifestFile(testing) if testing.exists() else None,
    )


def from_objects(
    client: S3Client,
    training: dict[str, Any],
    testing: dict[str, Any] | None,
    directory: Path,
    max_bytes: int,
) -> Manifests:
    """Copy manifests given as S3Object members; raises ManifestFileError (manifests.md 3.2)."""
    return Manifests(
        _download(client, training, directory / "train.manifest", max_bytes),
        _download(client, testing, directory / "test.manifest", max_bytes) if testing else None,
    )


def _download(
    client: S3Client, location: dict[str, Any], path: Path, max_bytes: int
) -> ManifestFile:
    bucket, key, version = location["Bucket"], location["Name"], location.get("Version")
    try:
        size = object_size(client, bucket, key, version)
        if not PurePosixPath(key).suffix:
            raise ManifestFileError(Code.ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT)
        if size > max_bytes:
            raise ManifestFileError(Code.ERROR_MANIFEST_SIZE_TOO_LARGE)
        with (
            s3_errors(bucket, key),
            closing(open_object(client, bucket, key, version)) as body,
            path.open("wb") as file,
        ):
            file.writelines(body.iter_chunks(_PIECE))
    except ObjectForbidden as error:
        raise ManifestFileError(Code.ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET) from error
    except ObjectMissing as error:
        raise ManifestFileError(Code.ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT) from error
    return ManifestFile(path, bucket)
