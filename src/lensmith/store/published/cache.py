"""Local copies of published folders, checked when they are first used, within a size limit.

Each has a lock file beside it: shared while the folder is used, exclusive while it is written or
evicted. The kernel gives locks back when a process ends, so that a killed one keeps nothing.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from lensmith.store.folder_lock import locked_folder
from lensmith.store.published.directory import put_in_place, unfinished, unpublish
from lensmith.store.published.index import CONTENT, INDEX_FILE, Index
from lensmith.store.unreadable_folder import FolderDamagedError

_LOCK = ".lock"
_ABANDONED_SECONDS = 24 * 3600.0  # age of a half fetched copy that no process fetches any more

_log = structlog.get_logger(__name__)

Fetch = Callable[[Path], bytes]
"""Writes a folder's files into an empty one; returns its index, encoded."""


class FolderCache:
    """A directory of copies, which processes of one server share. Thread-safe."""

    def __init__(
        self, directory: Path, max_bytes: int, abandoned_seconds: float = _ABANDONED_SECONDS
    ) -> None:
        self._abandoned_seconds = abandoned_seconds
        self._directory = directory
        self._max_bytes = max_bytes
        self._checked: set[tuple[str, int]] = set()  # digests, with the inodes of their indexes

    @contextmanager
    def using(self, digest: str, fetch: Fetch) -> Iterator[Path]:
        """Give a copy's content, fetched unless it is here and undamaged; it stays meanwhile.

        A damaged one that others use stays theirs: this use has a copy of its own. The least
        recently used copies go when there are too many bytes. Raises what `fetch` raises, and
        FolderDamagedError.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        while True:
            with self._locked(digest, fcntl.LOCK_SH):
                if self._is_whole(digest):
                    os.utime(self._directory / digest / INDEX_FILE)
                    yield self._directory / digest / CONTENT
                    return
            if not self._fetched(digest, fetch):
                with self._own_copy(digest, fetch) as content:
                    yield content
                return
            self.evict()

    def add(self, folder: Path, digest: str, index: bytes) -> None:
        """Take over a folder that was published; it is a copy from now on."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with self._locked(digest, fcntl.LOCK_EX):
            unpublish(self._directory, digest)
            put_in_place(folder, self._directory, digest, index)
        self.evict()

    def remove(self, digest: str) -> None:
        """Remove a copy unless it is being used."""
        if not self._directory.is_dir():
            return
        with suppress(BlockingIOError), self._locked(digest, fcntl.LOCK_EX | fcntl.LOCK_NB) as lock:
            unpublish(self._directory, digest)
            lock.unlink(missing_ok=True)

    def keep_only(self, digests: Collection[str]) -> None:
        """Remove the copies of all other folders, but those being used."""
        for digest in self._copies().keys() - set(digests):
            self.remove(digest)

    def discard_unfinished(self, age_seconds: float) -> None:
        """Remove what killed processes left half fetched at least so long ago."""
        for each in unfinished(self._directory, age_seconds):
            with suppress(OSError), locked_folder(each, fcntl.LOCK_EX | fcntl.LOCK_NB):
                shutil.rmtree(each, ignore_errors=True)

    def evict(self) -> None:
        """Remove the least recently used copies until the rest is within the limit.

        Also what processes left a day ago that were killed while they fetched or used a copy.
        """
        self.discard_unfinished(self._abandoned_seconds)
        copies = self._copies()
        excess = sum(size for size, _ in copies.values()) - self._max_bytes
        for digest in sorted(copies, key=lambda digest: copies[digest][1])[:-1]:
            if excess <= 0:
                return
            self.remove(digest)
            if not (self._directory / digest).exists():
                excess -= copies[digest][0]

    def _copies(self) -> dict[str, tuple[int, float]]:
        """Return the bytes of each copy, and when it was last used."""
        found = {}
        for path in self._directory.glob(f"[!.]*/{INDEX_FILE}"):
            with suppress(OSError, FolderDamagedError):  # removed meanwhile, or to be replaced
                index = Index.decode(path.read_bytes(), path.parent.name)
                found[path.parent.name] = (index.size, path.stat().st_mtime)
        return found

    def _is_whole(self, digest: str) -> bool:
        """Return whether a copy is here; its bytes are compared once in each process."""
        place = self._directory / digest
        try:
            inode = (place / INDEX_FILE).stat().st_ino
            if (digest, inode) in self._checked:
                return True
            Index.decode((place / INDEX_FILE).read_bytes(), digest).check(place / CONTENT)
        except FileNotFoundError:
            return False
        except FolderDamagedError as error:
            _log.warning("local copy is damaged", digest=digest, reason=str(error))
            return False
        self._checked.add((digest, inode))
        return True

    def _fetched(self, digest: str, fetch: Fetch) -> bool:
        """Fetch a copy unless another does; False where a damaged one is in use."""
        is_damaged = (self._directory / digest).exists()
        try:
            with self._locked(digest, fcntl.LOCK_EX | (fcntl.LOCK_NB if is_damaged else 0)):
                if not self._is_whole(digest):  # another may have fetched it meanwhile
                    self._replace(digest, fetch)
        except BlockingIOError:
            return False
        return True

    def _replace(self, digest: str, fetch: Fetch) -> None:
        staging = self._directory / f".{digest}"
        unpublish(self._directory, staging.name)  # of a process that was killed
        unpublish(self._directory, digest)
        staging.mkdir()
        try:
            put_in_place(staging, self._directory, digest, fetch(staging))
        finally:
            unpublish(self._directory, staging.name)

    @contextmanager
    def _own_copy(self, digest: str, fetch: Fetch) -> Iterator[Path]:
        """Fetch a copy for one use; it goes with it."""
        name = f".{secrets.token_hex(8)}"
        content = self._directory / name
        content.mkdir()
        try:
            with locked_folder(content, fcntl.LOCK_SH):
                Index.decode(fetch(content), digest).check(content)
                yield content
        finally:
            unpublish(self._directory, name)

    @contextmanager
    def _locked(self, digest: str, kind: int) -> Iterator[Path]:
        """Hold a copy's lock; raises BlockingIOError if it is not to wait and another has it."""
        path = self._directory / f"{digest}{_LOCK}"
        while True:
            with path.open("ab") as file:
                fcntl.flock(file, kind)
                if not _is_at(file.fileno(), path):  # removed while this process waited
                    continue
                yield path
                return


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
