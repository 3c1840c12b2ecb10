"""Reads and writes sealed files as any other file; no plaintext reaches the disk."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from lensmith.domain.errors import SealedFileError
from lensmith.store.sealed.frames import HEADER_BYTES, TAG_BYTES, Frames


class SealedFile:
    """A file on disk that is encrypted under a data key; `repr` never shows the key."""

    def __init__(self, path: Path, data_key: bytes) -> None:
        self.path = path
        self._data_key = data_key

    def __repr__(self) -> str:
        return f"SealedFile({self.path})"

    @property
    def name(self) -> str:
        return self.path.name

    def exists(self) -> bool:
        return self.path.exists()

    def open(self, mode: str = "rb") -> BinaryIO:
        """Open with mode `rb`, seekable, or `wb`.

        A written file is on disk, and whole, once it is closed. Raises OSError, and
        SealedFileError when the header is not of a sealed file.
        """
        if mode == "wb":
            return cast(BinaryIO, _Writer(self.path.open("wb"), Frames.fresh(self._data_key)))
        if mode != "rb":
            raise ValueError(f"no such mode: {mode}")
        raw = self.path.open("rb", buffering=0)
        try:
            frames = Frames.of(self._data_key, raw.read(HEADER_BYTES) or b"")
        except BaseException:
            raw.close()
            raise
        return cast(BinaryIO, io.BufferedReader(_Reader(raw, frames)))

    def read_bytes(self) -> bytes:
        """Raises OSError and SealedFileError."""
        with self.open("rb") as file:
            return file.read()

    def write_bytes(self, data: bytes) -> int:
        with self.open("wb") as file:
            return file.write(data)


@dataclass(frozen=True, slots=True)
class SealedFolder:
    """A folder with the data key of its files."""

    path: Path
    data_key: bytes = field(repr=False)

    def __truediv__(self, name: str, /) -> SealedFile:
        return SealedFile(self.path / name, self.data_key)

    def below(self, path: Path) -> SealedFolder:
        """Return the same key for files in another folder."""
        return SealedFolder(path, self.data_key)


class _Writer(io.BufferedIOBase):
    def __init__(self, raw: BinaryIO, frames: Frames) -> None:
        self._raw = raw
        self._frames = frames
        self._waiting = bytearray()
        self._number = 0
        raw.write(frames.header)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        given = memoryview(data).cast("B")  # type: ignore[arg-type]
        self._waiting += given
        size = self._frames.frame_bytes
        while len(self._waiting) > size:  # the last frame waits for `close`, however full
            self._put(bytes(self._waiting[:size]), is_last=False)
            del self._waiting[:size]
        return given.nbytes

    def fileno(self) -> int:
        return self._raw.fileno()

    def flush(self) -> None:
        """Write nothing early: a frame is written when it is full, the last one by `close`."""

    def close(self) -> None:
        if self.closed:
            return
        try:
            self._put(bytes(self._waiting), is_last=True)
            self._raw.flush()
            os.fsync(self._raw.fileno())
        finally:
            self._raw.close()
            super().close()

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None:  # without a last frame the file is no sealed one
            self._raw.close()
            super().close()
            return
        super().__exit__(kind, *rest)  # type: ignore[arg-type]

    def _put(self, plaintext: bytes, *, is_last: bool) -> None:
        self._raw.write(self._frames.seal(self._number, plaintext, is_last=is_last))
        self._number += 1


class _Reader(io.RawIOBase):
    def __init__(self, raw: io.FileIO, frames: Frames) -> None:
        self._raw = raw
        self._frames = frames
        body = os.fstat(raw.fileno()).st_size - HEADER_BYTES
        self._count = max(1, -(-body // self._sealed_bytes))
        self._size = body - self._count * TAG_BYTES
        if self._size < 0:
            raw.close()
            raise SealedFileError("The file is cut off.")
        self._position = 0
        self._held = -1  # the number of the frame that was decrypted last
        self._plaintext = b""

    @property
    def _sealed_bytes(self) -> int:
        return self._frames.frame_bytes + TAG_BYTES

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: object) -> int:
        target = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        if self._position >= self._size and self._held >= 0:
            return 0
        number, start = divmod(min(self._position, self._size), self._frames.frame_bytes)
        number = min(number, self._count - 1)
        start = min(self._position, self._size) - number * self._frames.frame_bytes
        piece = self._frame(number)[start : start + len(target)]
        target[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def readall(self) -> bytes:
        """Decrypt what is left, frame by frame, without the copies of a buffer."""
        pieces = []
        while self._position < self._size or self._held < 0:
            number = min(self._position // self._frames.frame_bytes, self._count - 1)
            piece = self._frame(number)[self._position - number * self._frames.frame_bytes :]
            pieces.append(piece)
            self._position += len(piece)
        return b"".join(pieces)

    def close(self) -> None:
        self._raw.close()
        super().close()

    def _frame(self, number: int) -> bytes:
        if number != self._held:
            self._raw.seek(HEADER_BYTES + number * self._sealed_bytes)
            sealed = self._raw.read(self._sealed_bytes)
            is_last = number == self._count - 1
            self._plaintext = self._frames.unseal(number, sealed or b"", is_last=is_last)
            self._held = number
        return self._plaintext
