"""What every format amounts to once it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lensmith.exchange.failure import ExchangeError
from lensmith.manifest.convert.draft import Draft, Problem

_FOLDERS_OF_IMAGES = ("", "images")


@dataclass(frozen=True, slots=True)
class Source:
    drafts: Iterator[Draft | Problem]  # read once, raises UnreadableSourceError or ExchangeError
    folders: tuple[Path, ...]  # where images are looked for
    manifest_name: str  # of the object that will hold the manifest


def read_file(path: Path) -> bytes:
    """Raises ExchangeError when there is no such file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ExchangeError(f"Cannot read {path}: {error.strerror}") from error


def existing_folder(path: Path) -> Path:
    """Raises ExchangeError when there is no such folder."""
    if not path.is_dir():
        raise ExchangeError(f"{path} is no folder.")
    return path


def folders_beside(file: Path) -> tuple[Path, ...]:
    """Where images of a label file usually are."""
    return tuple(file.parent / name for name in _FOLDERS_OF_IMAGES)


def files_below(folder: Path) -> Iterator[Path]:
    """Every file in order of its path; links to folders are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path
