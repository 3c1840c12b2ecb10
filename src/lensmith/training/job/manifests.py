"""Provides the manifests of a training as local files, from a snapshot or from S3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lensmith.domain.readable import Readable, Writable, WritableFolder
from lensmith.manifest.file_errors import manifest_file_errors
from lensmith.manifest.line.reading import read_lines
from lensmith.store.manifest_reader import ManifestReader
from lensmith.store.outage import waiting_out

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PIECE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A manifest on this machine; `bucket` is where it came from, None for a dataset's."""

    path: Readable
    bucket: str | None = None

    def lines(self) -> Iterator[bytes]:
        """Yield every line without its end; raises ManifestFileError when it is not UTF-8."""
        with self.path.open("rb") as file:
            yield from read_lines(iter(lambda: file.read(_PIECE), b""))


@dataclass(frozen=True, slots=True)
class Manifests:
    training: ManifestFile
    testing: ManifestFile | None  # None: split off the training manifest


def from_snapshot(directory: WritableFolder) -> Manifests:
    """Return the datasets as CreateProjectVersion froze them."""
    testing = directory / "test.manifest"
    return Manifests(
        ManifestFile(directory / "train.manifest"),
        ManifestFile(testing) if testing.exists() else None,
    )


def from_objects(
    client: S3Client,
    training: dict[str, Any],
    testing: dict[str, Any] | None,
    directory: WritableFolder,
    max_bytes: int,
) -> Manifests:
    """Copy manifests given as S3Object members; raises ManifestFileError (manifests.md 3.2)."""
    return Manifests(
        _download(client, training, directory / "train.manifest", max_bytes),
        _download(client, testing, directory / "test.manifest", max_bytes) if testing else None,
    )


def _download(
    client: S3Client, location: dict[str, Any], path: Writable, max_bytes: int
) -> ManifestFile:
    bucket, key, version = location["Bucket"], location["Name"], location.get("Version")

    def copy() -> None:
        manifest = ManifestReader.open(client, bucket, key, version, max_bytes=max_bytes)
        with path.open("wb") as file:
            file.writelines(manifest.pieces())

    with manifest_file_errors():
        waiting_out(copy)
    return ManifestFile(path, bucket)
