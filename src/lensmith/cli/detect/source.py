"""Collection of picture and video files from the paths of the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from lensmith.cli.detect.failure import DetectError
from lensmith.exchange.object_list import list_objects
from lensmith.exchange.services import Location, is_location

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_JPEG_AND_PNG = {".jpg", ".jpeg", ".jpe", ".jfif", ".png"}
_OTHERS = {".avif", ".bmp", ".gif", ".heic", ".heif", ".jp2", ".ppm", ".tga", ".tif", ".tiff"}
IMAGES = frozenset(_JPEG_AND_PNG | _OTHERS | {".webp"})
VIDEOS = frozenset(
    {".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".webm", ".wmv"}
)


@dataclass(frozen=True, slots=True)
class Source:
    """One file, where it lies and what its annotated copy is called."""

    place: Path | Location
    relative: PurePosixPath  # below the PATH that it was found under; may be hostile

    @property
    def name(self) -> str:
        """The name shown in results; undecodable bytes become question marks."""
        return os.fsencode(str(self.place)).decode("utf-8", "replace")

    @property
    def is_video(self) -> bool:
        return self.relative.suffix.lower() in VIDEOS


def gather(paths: Sequence[str], s3: S3Client, without: Path | None = None) -> list[Source]:
    """List the files of every path, each once, in the order given, folders and prefixes sorted.

    A file named directly is taken whatever its suffix; below folders and prefixes the suffix
    decides. `without` is a resolved folder to skip. Raises DetectError for a path
    that does not exist, and ExchangeError when S3 refuses.
    """
    found = (source for path in paths for source in _below(path, s3, without))
    return list({source.name: source for source in found}.values())


def _below(path: str, s3: S3Client, without: Path | None) -> Iterable[Source]:
    if is_location(path):
        return _objects(Location.read(path), s3)
    given = Path(path)
    if given.is_dir():
        return _files(given, without)
    if not given.exists():
        raise DetectError(f"{path} does not exist.")
    return [Source(given, PurePosixPath(given.name))]


def _files(folder: Path, without: Path | None) -> Iterator[Source]:
    """Walk a folder; skips hidden files and folders, and folders behind symbolic links."""
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        folders[:] = sorted(
            name
            for name in folders
            if not _is_hidden(name) and (without is None or (here / name).resolve() != without)
        )
        for name in sorted(names):
            if not _is_hidden(name) and _is_wanted(name):
                path = here / name
                yield Source(path, PurePosixPath(path.relative_to(folder).as_posix()))


def _objects(wanted: Location, s3: S3Client) -> Iterator[Source]:
    """Yield the object with exactly that key, else those with the key as prefix."""
    keys = sorted(key for key, _, _ in list_objects(s3, wanted))
    if wanted.key in keys:
        yield Source(wanted, PurePosixPath(wanted.key.rpartition("/")[2]))
        return
    for key in keys:
        if _is_wanted(key):
            relative = PurePosixPath(key[len(_folder(wanted.key)) :].lstrip("/"))
            yield Source(Location(wanted.bucket, key), relative)


def _folder(key: str) -> str:
    return key[: key.rfind("/") + 1]


def _is_wanted(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in IMAGES | VIDEOS


def _is_hidden(name: str) -> bool:
    return name.startswith(".")
