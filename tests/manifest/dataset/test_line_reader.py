"""Terminal file errors of a dataset (manifests.md 2.1)."""

from __future__ import annotations

import dataclasses

import pytest
from tests.manifest.lines import encoded, image_line

from lensmith.config import Quotas
from lensmith.manifest.dataset.entry import DatasetLine, RejectedLine
from lensmith.manifest.dataset.line_reader import LineReader
from lensmith.manifest.line.finding import ManifestFileError

QUOTAS = dataclasses.replace(Quotas(), dataset_entries=10, labels=3)


def lines(count: int, bucket: str = "lab") -> list[bytes]:
    return [encoded(image_line(image=f"s3://{bucket}/{n}.png")) for n in range(count)]


def take_in(manifest: list[bytes], bucket: str | None = None, labels: int = 1) -> None:
    reader = LineReader(QUOTAS, bucket)
    entries = sum(isinstance(reader.take(line), DatasetLine) for line in manifest)
    reader.finish(entries=entries, labels=labels)


def code_of(manifest: list[bytes], bucket: str | None = None, labels: int = 1) -> str:
    with pytest.raises(ManifestFileError) as caught:
        take_in(manifest, bucket, labels)
    assert str(caught.value) == caught.value.code.message
    return caught.value.code.name


def test_a_sound_manifest_passes() -> None:
    take_in(lines(10))
    take_in(lines(1), bucket="lab", labels=3)


@pytest.mark.parametrize("manifest", [[], [b""], [b" ", b"\t", b""]])
def test_error_empty_manifest(manifest: list[bytes]) -> None:
    assert code_of(manifest) == "ERROR_EMPTY_MANIFEST"


@pytest.mark.parametrize("manifest", [[b"no"], [b"", b"[]"], [b"x"] * 11])
def test_error_manifest_inaccessible_or_unsupported_format(manifest: list[bytes]) -> None:
    assert code_of(manifest) == "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"


def test_error_manifest_rows_exceeds_maximum() -> None:
    assert code_of(lines(11)) == "ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM"
    reader = LineReader(QUOTAS)
    reader.take(lines(1)[0])
    with pytest.raises(ManifestFileError, match="too many rows"):
        reader.finish(entries=11, labels=1)


def test_error_too_many_records_in_error() -> None:
    take_in([*lines(8), b"", b"{}"])
    assert code_of([*lines(7), b"", b"{}"]) == "ERROR_TOO_MANY_RECORDS_IN_ERROR"
    assert code_of([b"{}"]) == "ERROR_TOO_MANY_RECORDS_IN_ERROR"


def test_error_images_in_multiple_s3_buckets() -> None:
    code = "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS"

    assert code_of(lines(2) + lines(1, "other")) == code
    assert code_of(lines(2), bucket="other") == code


def test_error_manifest_too_many_labels() -> None:
    assert code_of(lines(2), labels=4) == "ERROR_MANIFEST_TOO_MANY_LABELS"


def test_the_first_error_of_the_table_wins() -> None:
    bad = [*lines(3), *lines(1, "other"), b"x"]

    assert code_of([*bad, b"y"], labels=9) == "ERROR_TOO_MANY_RECORDS_IN_ERROR"
    assert code_of(bad, labels=9) == "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS"


def test_of_repeated_source_refs_the_first_stays() -> None:
    reader = LineReader(QUOTAS)
    first, *others = lines(5)

    taken = [
        reader.take(line)
        for line in (first, *others, encoded(image_line("rain", image="s3://lab/0.png")))
    ]

    assert isinstance(taken[0], DatasetLine)
    assert taken[-1] is RejectedLine.REPEATED_SOURCE_REF
    assert (reader.lines, reader.dropped) == (6, 1)
