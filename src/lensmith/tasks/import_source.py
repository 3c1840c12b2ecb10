"""Where the files of an import are: in S3 as they stand, or brought here and unpacked."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lensmith.domain.errors import LensmithError
from lensmith.exchange.archive import ARCHIVE_ENDING, ArchiveLimits, unwrapped
from lensmith.exchange.formats import ImportFormat
from lensmith.exchange.sources.voc import listed_splits
from lensmith.exchange.sources.yolo_layout import read_layout
from lensmith.store.objects import s3_errors
from lensmith.tasks.process import TaskError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ENDINGS = {
    ImportFormat.COCO: (".json",),
    ImportFormat.CSV: (".csv",),
    ImportFormat.CVAT: (".xml",),
    ImportFormat.LABEL_STUDIO: (".json", ".csv"),
}
_SPLITS = {"train": ("train",), "test": ("test", "val", "valid")}


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A file or folder that an importer reads."""

    path: Path
    folders: tuple[Path, ...] = ()  # further ones where images are
    split: str = "train"


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


def find_source(format_: ImportFormat, root: Path, type_: str) -> LocalSource:
    """Find the labels of a format in an unpacked archive; raises TaskError without any."""
    root = unwrapped(root)
    if format_ in _ENDINGS:
        file = _label_file(root, _ENDINGS[format_], type_)
        return LocalSource(file, (root, root / "images", file.parent.parent / "images"))
    if format_ is ImportFormat.YOLO:
        return LocalSource(root, split=_split(root, type_))
    if format_ is ImportFormat.VOC:
        listed = listed_splits(root)
        return LocalSource(root, split=next((s for s in _SPLITS[type_] if s in listed), type_))
    return LocalSource(root, split=type_)


def _label_file(root: Path, endings: tuple[str, ...], type_: str) -> Path:
    """Find the only file of those endings, or the only one named after the dataset's type."""
    found = sorted(path for path in root.rglob("*") if path.suffix.lower() in endings)
    if len(found) > 1:
        names = _SPLITS[type_]
        found = [
            path
            for path in found
            if any(name in path.relative_to(root).as_posix().lower() for name in names)
        ]
    if len(found) != 1:
        raise TaskError(
            "LABELS_NOT_FOUND",
            f"The archive needs exactly one {' or '.join(endings)} file, or exactly one that has "
            f"{type_} in its name.",
        )
    return found[0]


def _split(root: Path, type_: str) -> str:
    for split in _SPLITS[type_]:
        try:
            read_layout(root, split)
        except LensmithError:
            continue
        return split
    return _SPLITS[type_][0]  # the importer says what is missing
