"""Builds the zip of a model: its two files and a script that runs them."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from lensmith.domain.readable import Folder, Readable
from lensmith.inference.artefact import (
    DESCRIPTION_FILE,
    NETWORK_FILE,
    Artefact,
    ArtefactError,
    Task,
)

SCRIPTS = {
    Task.CLASSIFICATION: Path(__file__).with_name("classify.py"),
    Task.DETECTION: Path(__file__).with_name("detect.py"),
}

_PART = 1 << 20  # bytes read at once

# Weights hardly shrink, but not every reader of a stream takes entries that are only stored.
_STORED = 0


def archive(directory: Folder) -> Iterator[bytes]:
    """Yield the zip of an artefact in parts; the same artefact gives the same bytes.

    The files are opened before this returns, so that a version deleted meanwhile still arrives
    whole. Raises ArtefactError when one cannot be read.
    """
    script = SCRIPTS[Artefact.read(directory).task]
    paths: tuple[Readable, ...] = (
        directory / NETWORK_FILE,
        directory / DESCRIPTION_FILE,
        script,
    )
    with ExitStack() as opening:
        try:
            files = [opening.enter_context(path.open("rb")) for path in paths]
        except OSError as error:
            raise ArtefactError(f"The model cannot be read: {error.strerror}.") from error
        parts = _parts(
            list(zip((path.name for path in paths), files, strict=True)), opening.pop_all()
        )
    next(parts)  # from here on the generator closes the files, read to its end or not
    return parts


def _parts(files: list[tuple[str, BinaryIO]], opened: ExitStack) -> Generator[bytes, None, None]:
    sink = _Sink()
    with opened, ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=_STORED) as target:
        yield b""
        for name, file in files:
            with target.open(name, "w") as member:
                while part := file.read(_PART):
                    member.write(part)
                    yield sink.take()
    yield sink.take()


class _Sink(io.RawIOBase):
    """A write-only file whose content is taken away part by part."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, part: object) -> int:
        data = memoryview(part)  # type: ignore[arg-type]
        self._written += data
        return data.nbytes

    def take(self) -> bytes:
        part = bytes(self._written)
        self._written.clear()
        return part
