"""Keeps files that can be made again, up to a size; the longest unread go first."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from lensmith.store.files import write_atomically

_KEPT_SHARE = 0.9  # of the limit, once it was reached


class PictureCache:
    """Files by a key in a directory; thread-safe, and each is made once."""

    def __init__(self, directory: Path, max_bytes: int) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._making: dict[Path, threading.Lock] = {}
        self._bytes: int | None = None  # None: not counted yet

    def get(self, key: tuple[str, ...], make: Callable[[], bytes]) -> bytes:
        """Return the file of a key, made by `make` when it is not there; raises what that raises.

        Requests for one key wait for the first of them.
        """
        path = self._path(key)
        found = _read(path)
        if found is not None:
            return found
        with self._lock:
            making = self._making.setdefault(path, threading.Lock())
        try:
            with making:
                found = _read(path)
                return found if found is not None else self._made(path, make)
        finally:
            with self._lock:
                self._making.pop(path, None)

    def _made(self, path: Path, make: Callable[[], bytes]) -> bytes:
        data = make()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, data, mode=0o600)
        self._count(len(data))
        return data

    def _path(self, key: tuple[str, ...]) -> Path:
        name = sha256("\0".join(key).encode()).hexdigest()
        return self._directory / name[:2] / name

    def _count(self, size: int) -> None:
        with self._lock:
            if self._bytes is None:
                self._bytes = sum(found.st_size for _, found in self._files())
            else:
                self._bytes += size
            if self._bytes > self._max_bytes:
                self._bytes = self._shrink(self._bytes)

    def _shrink(self, held: int) -> int:
        for path, found in sorted(self._files(), key=lambda each: each[1].st_mtime):
            if held <= self._max_bytes * _KEPT_SHARE:
                break
            path.unlink(missing_ok=True)
            held -= found.st_size
        return held

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        found = []
        for folder in (each for each in os.scandir(self._directory) if each.is_dir()):
            for entry in os.scandir(folder):
                with suppress(FileNotFoundError):  # written by another thread, it has its name now
                    found.append((Path(entry.path), entry.stat()))
        return found


def _read(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
        os.utime(path)  # read now: it stays longest
    except FileNotFoundError:
        return None
    return data
