"""Files and folders as readers and writers need them: paths, or what is encrypted on disk."""

from __future__ import annotations

from typing import Any, BinaryIO, Protocol


class Readable(Protocol):
    """A file that can be read."""

    @property
    def name(self) -> str: ...

    def read_bytes(self) -> bytes: ...

    def open(self, mode: Any, /) -> BinaryIO:
        """Open for reading, with mode `rb`."""


class Folder(Protocol):
    """A folder of such files."""

    def __truediv__(self, name: str, /) -> Readable: ...


class Writable(Readable, Protocol):
    """A file that can be written, too."""

    def exists(self) -> bool: ...

    def write_bytes(self, data: bytes, /) -> int: ...


class WritableFolder(Protocol):
    """A folder of such files."""

    def __truediv__(self, name: str, /) -> Writable: ...
