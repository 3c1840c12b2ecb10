"""Downloads images to files, without those already present."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.inside import inside
from lensmith.exchange.services import Location
from lensmith.exchange.upload import etag
from lensmith.manifest.convert.draft import Problem, ProblemKind
from lensmith.store.files import write_atomically

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_AT_ONCE = 8
_BATCH = 256


@dataclass(frozen=True, slots=True)
class Download:
    source_ref: str
    name: str  # of the file below the folder


@dataclass(slots=True)
class Downloaded:
    received: int = 0
    present: int = 0  # skipped: the file has the object's ETag
    problems: list[Problem] = field(default_factory=list)


def download(
    s3: S3Client, wanted: Iterable[Download], folder: Path, done: Callable[[], None]
) -> Downloaded:
    """Fetch what the folder does not hold yet; `done` is called after each image.

    Raises ExchangeError when a file cannot be written; another run goes on from there.
    """
    result = Downloaded()

    def fetch(one: Download) -> bool | Problem:
        return _fetch(s3, one, folder)

    pending = iter(wanted)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while batch := list(islice(pending, _BATCH)):
            for outcome in pool.map(fetch, batch):
                if isinstance(outcome, Problem):
                    result.problems.append(outcome)
                else:
                    result.received += outcome
                    result.present += not outcome
                done()
    return result


def _fetch(s3: S3Client, one: Download, folder: Path) -> bool | Problem:
    """Fetch the image if needed; return whether it had to be fetched."""
    path = inside(folder, one.name)
    if path is None:
        return Problem(ProblemKind.BAD_KEY, one.source_ref)
    location = Location.read(one.source_ref)
    try:
        if path.is_file() and _is_same(s3, location, path):
            return False
        body = s3.get_object(Bucket=location.bucket, Key=location.key)["Body"].read()
    except (ClientError, BotoCoreError) as error:
        return Problem(ProblemKind.NOT_DOWNLOADED, f"{one.source_ref} ({error})")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, body)
    except OSError as error:
        raise ExchangeError(f"Cannot write {path}: {error.strerror}") from error
    return True


def _is_same(s3: S3Client, location: Location, path: Path) -> bool:
    head = s3.head_object(Bucket=location.bucket, Key=location.key)
    return head["ContentLength"] == path.stat().st_size and head["ETag"].strip('"') == etag(path)
