"""Builds the zip of a model: its two files and a script that runs them."""

from __future__ import annotations

import io
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from lensmith.domain.errors import LensmithError
from lensmith.domain.precision import ExportFormat, Precision
from lensmith.domain.readable import Folder, Readable
from lensmith.inference.artefact import (
    DESCRIPTION_FILE,
    NETWORK_FILE,
    Artefact,
    ArtefactError,
    Task,
)
from lensmith.inference.variant import variant_of

SCRIPTS = {
    Task.CLASSIFICATION: Path(__file__).with_name("classify.py"),
    Task.DETECTION: Path(__file__).with_name("detect.py"),
}

_PART = 1 << 20  # bytes read at once

# Weights hardly shrink, but not every reader of a stream takes entries that are only stored.
_STORED = 0


class FormatMissingError(LensmithError):
    """The model does not have this format."""


def archive(directory: Folder, wanted: ExportFormat = ExportFormat.FLOAT32) -> Iterator[bytes]:
    """Yield the zip of an artefact in parts; the same artefact gives the same bytes.

    The network is `model.onnx` in it, whichever its precision, with the thresholds of its own. The
    files are opened before this returns, so that a version deleted meanwhile still arrives whole.
    Raises ArtefactError when one cannot be read, FormatMissingError
    without one.
    """
    artefact = Artefact.read(directory)
    script = SCRIPTS[artefact.task]
    network, described = _network(directory, artefact, wanted)
    with ExitStack() as opening:
        try:
            files = [
                (NETWORK_FILE, opening.enter_context(network.open("rb"))),
                (DESCRIPTION_FILE, opening.enter_context(described())),
                (script.name, opening.enter_context(script.open("rb"))),
            ]
        except OSError as error:
            raise ArtefactError(f"The model cannot be read: {error.strerror}.") from error
        parts = _parts(files, opening.pop_all())
    next(parts)  # from here on the generator closes the files, read to its end or not
    return parts


def _network(
    directory: Folder, artefact: Artefact, wanted: ExportFormat
) -> tuple[Readable, Callable[[], BinaryIO]]:
    """Return the file of the network, and what opens its description."""
    if wanted is ExportFormat.FLOAT32:
        return directory / NETWORK_FILE, lambda: (directory / DESCRIPTION_FILE).open("rb")
    variant = variant_of(artefact.variants, Precision(wanted))
    if variant is None:
        raise FormatMissingError(f"This model was trained without {wanted}: export float32.")
    alone = replace(artefact.served_as(variant), variants=())
    return directory / variant.file, lambda: io.BytesIO(alone.encoded())


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
