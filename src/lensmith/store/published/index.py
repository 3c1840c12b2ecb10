"""The index of a published folder: its files with their digests; its own digest is the name."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Self

import msgspec

from lensmith.store.unreadable_folder import FolderDamagedError

INDEX_FILE = "index.json"
CONTENT = "content"  # the folder beside the index

_FORM = 1


class IndexedFile(msgspec.Struct, frozen=True):
    name: str  # relative, with slashes
    size: int  # bytes
    sha256: str  # hexadecimal

    def is_of(self, data: bytes) -> bool:
        """Return whether these are the bytes that were published."""
        return hashlib.sha256(data).hexdigest() == self.sha256


class Index(msgspec.Struct, frozen=True):
    """Names every file of a folder.

    The nonce makes each publication one of its own: two of equal files are removed apart.
    """

    form: int
    nonce: str
    files: tuple[IndexedFile, ...]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Read every file below a folder, and wait until it is on the disk."""
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        files = tuple(_indexed(folder, path) for path in paths)
        return cls(_FORM, secrets.token_hex(16), files)

    @classmethod
    def decode(cls, data: bytes, digest: str) -> Self:
        """Read an index that was published under a digest; raises FolderDamagedError."""
        if hashlib.sha256(data).hexdigest() != digest:
            raise FolderDamagedError(f"The index of the folder {digest} is damaged.")
        try:
            index = msgspec.json.decode(data, type=cls)
        except msgspec.MsgspecError as error:
            raise FolderDamagedError(f"The index of the folder {digest} cannot be read.") from error
        if index.form != _FORM:
            raise FolderDamagedError(f"The index of the folder {digest} is of form {index.form}.")
        return index

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def encode(self) -> tuple[bytes, str]:
        """Return the index as a file, and its digest."""
        data = msgspec.json.encode(self)
        return data, hashlib.sha256(data).hexdigest()

    def check(self, content: Path) -> None:
        """Raise FolderDamagedError unless a folder has these files with these bytes."""
        for file in self.files:
            try:
                is_same = _indexed(content, content / file.name, sync=False) == file
            except OSError as error:
                raise FolderDamagedError(f"{content / file.name}: {error.strerror}.") from error
            if not is_same:
                raise FolderDamagedError(f"{content / file.name} is not what was published.")


def _indexed(folder: Path, path: Path, *, sync: bool = True) -> IndexedFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = os.fstat(file.fileno()).st_size
        if sync:
            os.fsync(file.fileno())
    return IndexedFile(path.relative_to(folder).as_posix(), size, digest)
