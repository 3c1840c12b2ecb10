"""The common form of every source once it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lensmith.exchange.failure import ExchangeError
from lensmith.manifest.convert.draft import Draft, Problem

_BESIDE_A_FILE = ("", "images")
_IN_A_FOLDER = ("", "JPEGImages", "images")


@dataclass(frozen=True, slots=True)
class Source:
    drafts: Iterator[Draft | Problem]  # read once, raises UnreadableSourceError or ExchangeError
    manifest_name: str  # of the object that will hold the manifest


def read_file(path: Path) -> bytes:
    """Read a file; raises ExchangeError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ExchangeError(f"Cannot read {path}: {error.strerror}") from error


def existing_folder(path: Path) -> Path:
    """Return `path`; raises ExchangeError when there is no such folder."""
    if not path.is_dir():
        raise ExchangeError(f"{path} is not a folder.")
    return path


def usual_folders(source: Path) -> tuple[Path, ...]:
    """Return the folders that usually hold the images of a label file or a folder of them."""
    if source.is_dir():
        return tuple(source / name for name in _IN_A_FOLDER)
    return tuple(source.parent / name for name in _BESIDE_A_FILE)


def files_below(folder: Path) -> Iterator[Path]:
    """Yield every file in order of its path; links to folders are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path
