"""Copies the images of a training from S3 and checks each once, with bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from threading import Semaphore
from typing import TYPE_CHECKING

from lensmith.domain.errors import ObjectForbidden, ObjectMissing, ObjectStoreError, OperationError
from lensmith.domain.image_limits import MAX_IMAGE_BYTES
from lensmith.domain.readable import Readable, Writable, WritableFolder
from lensmith.health.fingerprint import MIN_SIDE
from lensmith.health.scene_look import SceneLook, scene_look, taken_at
from lensmith.health.scenes import MAX_COMPARED, group_scenes
from lensmith.inference.image import decode, read_header
from lensmith.manifest.line.entry import bucket_of, key_of
from lensmith.store.objects import is_refusal, read_object, s3_errors
from lensmith.store.outage import PATIENCE_SECONDS, waiting_out

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_READERS = 8  # files held in memory at once, of 15 MB at most
_DECODING = Semaphore(4)  # pictures whose pixels are in memory at once, of some 250 MB at most
_WINDOW = 256  # images handed to the readers at once


class Fault(StrEnum):
    """Why an image cannot be used."""

    FORBIDDEN = "forbidden"
    MISSING = "missing"
    INVALID = "invalid"  # read, but not an image that training takes


@dataclass(frozen=True, slots=True)
class CopiedImages:
    """Local copies by source-ref, and the faults of the images without a copy."""

    files: dict[str, Readable]
    faults: dict[str, Fault]
    scenes: dict[str, int] = field(default_factory=dict)  # of the copies, see health/scenes.py

    def none_readable(self, source_refs: Sequence[str]) -> Fault | None:
        """Return the common fault if none of these images could be read, else None."""
        faults = {self.faults.get(source_ref) for source_ref in source_refs}
        if not source_refs or not faults <= {Fault.FORBIDDEN, Fault.MISSING}:
            return None
        return Fault.FORBIDDEN if faults == {Fault.FORBIDDEN} else Fault.MISSING


def copy_images(
    client: S3Client,
    source_refs: Sequence[str],
    directory: WritableFolder,
    on_progress: Callable[[int], None],
    patience_seconds: float = PATIENCE_SECONDS,
) -> CopiedImages:
    """Copy every usable image into `directory`; `on_progress` gets the number done.

    A store that is away is waited for. Raises ObjectStoreError when it fails in a way that says
    nothing of the image, or for longer than `patience_seconds`.
    """
    distinct = list(dict.fromkeys(source_refs))
    files: dict[str, Readable] = {}
    faults: dict[str, Fault] = {}
    looks: list[SceneLook | None] = []
    compares = len(distinct) <= MAX_COMPARED

    def copy(numbered: tuple[int, str]) -> _Copy | Fault:
        number, source_ref = numbered
        data = waiting_out(lambda: _read(client, source_ref), patience_seconds)
        if isinstance(data, Fault):
            return data
        return _copy(data, directory / f"{number:07d}", looks=compares)

    with ThreadPoolExecutor(_READERS, thread_name_prefix="images") as readers:
        numbered = enumerate(distinct)
        for window in _windows(numbered, _WINDOW):
            for (number, source_ref), copied in zip(window, readers.map(copy, window), strict=True):
                if isinstance(copied, Fault):
                    faults[source_ref] = copied
                else:
                    files[source_ref] = copied.file
                    looks.append(copied.look)
                on_progress(number + 1)
    scenes = group_scenes(list(files), looks).tolist()
    return CopiedImages(files, faults, dict(zip(files, scenes, strict=True)))


def bucket_owner(client: S3Client, bucket: str) -> str | None:
    """Read the canonical id of a bucket's owner; None where store or rights hide it."""

    def read() -> str | None:
        with s3_errors(bucket):
            return client.get_bucket_acl(Bucket=bucket).get("Owner", {}).get("ID") or None

    try:
        return waiting_out(read)
    except (ObjectForbidden, ObjectMissing):
        return None


@dataclass(frozen=True, slots=True)
class _Copy:
    file: Readable
    look: SceneLook | None


def _copy(data: bytes, target: Writable, *, looks: bool) -> _Copy | Fault:
    try:
        header = read_header(data)
        with _DECODING:  # the coarsest decoding still runs through every byte of a JPEG
            pixels = decode(data, header, at_least=(MIN_SIDE, MIN_SIDE))
            look = scene_look(pixels, taken_at(data)) if looks else None
    except OperationError:
        return Fault.INVALID
    target.write_bytes(data)
    return _Copy(target, look)


def _read(client: S3Client, source_ref: str) -> bytes | Fault:
    try:
        data = read_object(
            client, bucket_of(source_ref), key_of(source_ref), max_bytes=MAX_IMAGE_BYTES + 1
        )
    except ObjectForbidden:
        return Fault.FORBIDDEN
    except ObjectMissing:
        return Fault.MISSING
    except ObjectStoreError as error:
        if is_refusal(error):  # a key that is too long, for one
            return Fault.MISSING
        raise
    return data if len(data) <= MAX_IMAGE_BYTES else Fault.INVALID


def _windows(items: Iterable[tuple[int, str]], size: int) -> Iterator[list[tuple[int, str]]]:
    remaining = iter(items)
    while window := list(islice(remaining, size)):
        yield window
