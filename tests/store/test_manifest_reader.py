"""Manifests in real S3: read in pieces of one version, refused for what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lensmith.domain.errors import ObjectMissing, ObjectStoreError, ObjectTooLarge
from lensmith.store.manifest_reader import ManifestReader

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DATA = b"".join(b"line %d\n" % number for number in range(10_000))


def test_pieces_are_the_object(s3: S3Client, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="some.manifest", Body=DATA)
    reader = ManifestReader.open(
        s3, bucket, "some.manifest", max_bytes=len(DATA), piece_bytes=10_000
    )
    pieces = reader.pieces()
    first = next(pieces)
    assert len(first) == 10_000
    assert reader.estimated_lines(first.count(b"\n")) == pytest.approx(10_000, rel=0.1)
    assert first + b"".join(pieces) == DATA
    assert reader.estimated_lines(10_000) == 10_000


def test_an_empty_object_has_no_pieces(s3: S3Client, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="some.manifest", Body=b"")
    reader = ManifestReader.open(s3, bucket, "some.manifest", max_bytes=0)
    assert list(reader.pieces()) == []


def test_an_object_that_changes_is_not_mixed(s3: S3Client, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="some.manifest", Body=DATA)
    reader = ManifestReader.open(
        s3, bucket, "some.manifest", max_bytes=len(DATA), piece_bytes=10_000
    )
    pieces = reader.pieces()
    next(pieces)
    s3.put_object(Bucket=bucket, Key="some.manifest", Body=DATA[::-1])
    with pytest.raises(ObjectStoreError):
        next(pieces)


def test_what_is_no_manifest_is_refused(s3: S3Client, bucket: str) -> None:
    for key in ("some.manifest", "manifest"):
        s3.put_object(Bucket=bucket, Key=key, Body=DATA)
    with pytest.raises(ObjectTooLarge):
        ManifestReader.open(s3, bucket, "some.manifest", max_bytes=len(DATA) - 1)
    with pytest.raises(ObjectMissing):
        ManifestReader.open(s3, bucket, "manifest", max_bytes=len(DATA))
    with pytest.raises(ObjectMissing):
        ManifestReader.open(s3, bucket, "other.manifest", max_bytes=len(DATA))
