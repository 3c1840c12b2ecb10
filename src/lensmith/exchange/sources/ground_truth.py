"""The output manifest of a Ground Truth job, or an exported dataset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from lensmith.exchange.failure import ExchangeError, service_errors
from lensmith.exchange.services import Location, is_location
from lensmith.exchange.sources.source import Source
from lensmith.manifest.convert.draft import Draft, Problem, UnreadableSourceError
from lensmith.manifest.convert.multi_label import read_ground_truth
from lensmith.manifest.line.finding import ManifestFileError
from lensmith.manifest.line.reading import is_blank, read_lines

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK = 1 << 20


def open_ground_truth(source: str, s3: S3Client | None) -> Source:
    """Open a manifest in a local file, or in S3 when there is a client."""
    name = f"custom_labels_{PurePosixPath(source).name}"
    if s3 is not None and is_location(source):
        return Source(_drafts(_object(s3, Location.read(source)), source), name)
    file = Path(source)
    return Source(_drafts(_file(file), source), name)


def _drafts(chunks: Iterator[bytes], source: str) -> Iterator[Draft | Problem]:
    try:
        for number, line in enumerate(read_lines(chunks), 1):
            if not is_blank(line):
                yield from read_ground_truth(line, f"{source}, line {number}")
    except ManifestFileError as error:
        raise UnreadableSourceError(f"{source} is not UTF-8; save it as UTF-8") from error


def _file(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as opened:
            while chunk := opened.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise ExchangeError(f"Cannot read {file}: {error.strerror}") from error


def _object(s3: S3Client, location: Location) -> Iterator[bytes]:
    with (
        service_errors(f"read {location}"),
        closing(s3.get_object(Bucket=location.bucket, Key=location.key)["Body"]) as body,
    ):
        yield from body.iter_chunks(_CHUNK)
