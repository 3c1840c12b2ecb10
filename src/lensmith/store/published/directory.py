"""Published folders in the data directory of one server: a rename publishes them."""

from __future__ import annotations

import math
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lensmith.store.files import sync_directory, write_atomically
from lensmith.store.published.folders import References
from lensmith.store.published.index import CONTENT, INDEX_FILE, Index
from lensmith.store.unreadable_folder import FolderMissingError


class DirectoryFolders:
    """Implements PublishedFolders; no byte is written twice."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def publish(self, folder: Path) -> str:
        data, digest = Index.of(folder).encode()
        put_in_place(folder, self._directory, digest, data)
        return digest

    @contextmanager
    def using(self, digest: str) -> Iterator[Path]:
        yield self._content(digest)

    def read(self, digest: str, name: str) -> bytes:
        try:
            return (self._content(digest) / name).read_bytes()
        except FileNotFoundError as error:
            raise FolderMissingError(f"The folder {digest} has no {name}.") from error

    def holds(self, digest: str) -> bool:
        return (self._directory / digest).exists()

    @property
    def is_shared(self) -> bool:
        return False

    def remove(self, digest: str) -> None:
        unpublish(self._directory, digest)

    def orphans(self, references: References, age_seconds: float) -> list[str]:
        newest = time.time() - age_seconds
        old = [each.name for each in self._directory.glob("[!.]*") if _time_of(each) <= newest]
        named = set(references()) if old else set()
        return [name for name in old if name not in named]

    def discard_unfinished(self, age_seconds: float = 0) -> None:
        for each in unfinished(self._directory, age_seconds):
            shutil.rmtree(each, ignore_errors=True)

    def _content(self, digest: str) -> Path:
        content = self._directory / digest / CONTENT
        if not content.is_dir():
            raise FolderMissingError(f"The folder {digest} does not exist.")
        return content


def put_in_place(folder: Path, directory: Path, digest: str, index: bytes) -> None:
    """Move a folder to where it is read from, whole or not at all."""
    staging = directory / f".{secrets.token_hex(8)}"
    staging.mkdir(parents=True)
    for each in (*(each for each in folder.rglob("*") if each.is_dir()), folder):
        sync_directory(each)
    try:
        folder.rename(staging / CONTENT)
        write_atomically(staging / INDEX_FILE, index)
        sync_directory(staging)
        staging.rename(directory / digest)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    sync_directory(directory)


def unpublish(directory: Path, name: str) -> None:
    """Remove a folder; half of one never stands under its digest.

    Also what is left of it when a process was killed that removed it. Raises OSError.
    """
    leaving = directory / f".{name}.leaving"
    shutil.rmtree(leaving, ignore_errors=True)
    with suppress(FileNotFoundError):
        (directory / name).rename(leaving)
    shutil.rmtree(leaving, ignore_errors=True)


def unfinished(directory: Path, age_seconds: float) -> Iterator[Path]:
    """Yield what was being moved into place or away at least so long ago; with 0 everything."""
    newest = time.time() - age_seconds if age_seconds else math.inf
    return (each for each in directory.glob(".*") if _time_of(each) <= newest)


def _time_of(path: Path) -> float:
    """Return when a folder was published, or its making began; `inf` for one that is gone."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
