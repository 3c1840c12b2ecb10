"""A folder tree whose first level names the labels, on disk or in S3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lensmith.exchange.services import Location, is_location
from lensmith.exchange.sources.source import Source, existing_folder, files_below
from lensmith.exchange.upload import list_objects
from lensmith.manifest.convert.draft import Draft
from lensmith.manifest.convert.folder_label import folder_label, is_picture_name
from lensmith.manifest.convert.label_attributes import image_level

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NAME = "folders.manifest"


def open_folders(source: str, created: str, s3: S3Client | None, *, labels: bool = True) -> Source:
    """Open every PNG and JPEG below the source, by their endings; others are not images.

    Without `labels` no folder becomes one.
    """
    if s3 is not None and is_location(source):
        return Source(_in_s3(s3, Location.read(source).as_folder(), created, labels), (), _NAME)
    root = existing_folder(Path(source))
    return Source(_on_disk(root, created, labels), (root,), _NAME)


def _on_disk(root: Path, created: str, labels: bool) -> Iterator[Draft]:
    for path in files_below(root):
        name = path.relative_to(root).as_posix()
        if is_picture_name(name):
            yield _draft(name, name, created, labels)


def _in_s3(s3: S3Client, folder: Location, created: str, labels: bool) -> Iterator[Draft]:
    for key, _, _ in list_objects(s3, folder):
        name = key.removeprefix(folder.key)
        if is_picture_name(name):
            yield _draft(str(Location(folder.bucket, key)), name, created, labels)


def _draft(image: str, name: str, created: str, labels: bool) -> Draft:
    label = folder_label(name) if labels else None
    return Draft(image, image_level([label] if label else [], created))
