"""Where the files of an import are: in S3 as they stand, or brought here and unpacked."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lensmith.exchange.archive import ARCHIVE_ENDING, ArchiveLimits, unwrapped
from lensmith.exchange.formats import ImportFormat
from lensmith.exchange.set_parts import TEST, SetPart, missing_labels, set_parts
from lensmith.store.objects import s3_errors
from lensmith.tasks.process import TaskError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def fetch(s3: S3Client, bucket: str, key: str, folder: Path, limits: ArchiveLimits) -> Path:
    """Bring an object into a folder.

    Raises TaskError for one that the disk has no room for, or a file of labels that is too large.
    """
    path = folder / f"source{Path(key).suffix.lower()}"
    with s3_errors(bucket, key):
        size = s3.head_object(Bucket=bucket, Key=key)["ContentLength"]
        if path.suffix != ARCHIVE_ENDING and size > limits.label_bytes:
            raise TaskError(
                "LABELS_TOO_LARGE",
                f"s3://{bucket}/{key} has {size:,} bytes; a file of labels has at most "
                f"{limits.label_bytes:,}.",
            )
        room = shutil.disk_usage(folder).free - limits.free_bytes
        if size > room:
            raise TaskError(
                "NO_ROOM_ON_DISK",
                f"s3://{bucket}/{key} has {size:,} bytes; the server's disk has room for "
                f"{max(0, room):,}.",
            )
        s3.download_file(bucket, key, str(path))
    return path


@dataclass(frozen=True, slots=True)
class SetParts:
    """The parts of a set that fill one dataset, and those that this or another import brings."""

    chosen: list[SetPart]
    brought: list[SetPart]


def find_parts(format_: ImportFormat, folder: Path, type_: str, *, divided: bool) -> SetParts:
    """Find the parts of an unpacked set for a dataset of a type.

    A set in one piece fills whichever dataset is wanted, unless it must be `divided`. Raises
    TaskError for a set without such a part, and for one without labels.
    """
    root = unwrapped(folder)
    found = set_parts(format_, root)
    if endings := missing_labels(format_, found):
        raise TaskError("LABELS_NOT_FOUND", f"The archive needs a file of labels: {endings}.")
    if len(found) == 1 and not (divided and type_ == TEST):
        alone = [replace(found[0], type=type_)]
        return SetParts(alone, alone)
    chosen = [part for part in found if part.type == type_]
    if not chosen or len(found) == 1:
        names = ", ".join(part.split for part in found)
        message = f"The set has no part for a {type_} dataset, only {names}."
        raise TaskError("PART_NOT_FOUND", message)
    return SetParts(chosen, found if divided else chosen)
