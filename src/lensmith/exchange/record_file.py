"""A temporary file of records, which may be more than memory holds."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

Record = TypeVar("Record", bound=msgspec.Struct)


class RecordFile(Generic[Record]):
    """Appends records, then iterates over them any number of times; deleted with the object."""

    def __init__(self, type_: type[Record]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the object)
        weakref.finalize(self, self._file.close)
        self._encode = msgspec.json.Encoder().encode  # integers of any size
        self._decode = msgspec.json.Decoder(type_).decode
        self.count = 0

    def append(self, record: Record) -> None:
        self._file.write(self._encode(record) + b"\n")
        self.count += 1

    def __iter__(self) -> Iterator[Record]:
        """Iterate from the first record; iterations may run at the same time."""
        position = 0
        for _ in range(self.count):
            self._file.seek(position)
            line = self._file.readline()
            position += len(line)
            yield self._decode(line)
