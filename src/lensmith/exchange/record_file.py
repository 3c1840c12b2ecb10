"""Records in a temporary file, read as often as needed: there may be more than memory holds."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

Record = TypeVar("Record", bound=msgspec.Struct)

_LENGTH_BYTES = 4


class RecordFile(Generic[Record]):
    """Append all, then iterate; the file vanishes with the object."""

    def __init__(self, type_: type[Record]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the object)
        weakref.finalize(self, self._file.close)
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(type_).decode
        self.count = 0

    def append(self, record: Record) -> None:
        data = self._encode(record)
        self._file.write(len(data).to_bytes(_LENGTH_BYTES, "big") + data)
        self.count += 1

    def __iter__(self) -> Iterator[Record]:
        """From the first record; two iterations at once do not disturb each other."""
        place = 0
        for _ in range(self.count):
            self._file.seek(place)
            size = int.from_bytes(self._file.read(_LENGTH_BYTES), "big")
            data = self._file.read(size)
            place = self._file.tell()
            yield self._decode(data)
