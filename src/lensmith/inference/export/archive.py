"""Builds the zip of a model: its files and a script that runs them."""

from __future__ import annotations

import io
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
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
from lensmith.inference.export.openvino_ir import (
    NETWORK_FILES,
    OpenVinoMissingError,
    convert,
    script_for_openvino,
)
from lensmith.inference.variant import variant_of

SCRIPTS = {
    Task.CLASSIFICATION: Path(__file__).with_name("classify.py"),
    Task.DETECTION: Path(__file__).with_name("detect.py"),
}

PICTURE_SCRIPT = Path(__file__).with_name("picture.py")
"""What both scripts import."""

_PART = 1 << 20  # bytes read at once

# Weights hardly shrink, but not every reader of a stream takes entries that are only stored.
_STORED = 0


class FormatMissingError(LensmithError):
    """The model does not have this format, or this server cannot make it."""


def archive(
    directory: Folder,
    wanted: ExportFormat = ExportFormat.FLOAT32,
    scratch: str | None = None,
) -> Iterator[bytes]:
    """Yield the zip of an artefact in parts; the same artefact gives the same bytes of ONNX.

    The network is `model.onnx` in it, whichever its precision, with the thresholds of its own; for
    OpenVINO `model.xml` and `model.bin`, made in the folder of memory `scratch`. The files are
    opened before this returns, so that a version deleted meanwhile still arrives whole. Raises
    ArtefactError when one cannot be read, FormatMissingError without one.
    """
    artefact = Artefact.read(directory)
    contents = _contents(directory, artefact, wanted, scratch)
    with ExitStack() as opening:
        try:
            files = [(name, opening.enter_context(opened())) for name, opened in contents.items()]
        except OSError as error:
            raise ArtefactError(f"The model cannot be read: {error.strerror}.") from error
        parts = _parts(files, opening.pop_all())
    next(parts)  # from here on the generator closes the files, read to its end or not
    return parts


def _contents(
    directory: Folder, artefact: Artefact, wanted: ExportFormat, scratch: str | None
) -> dict[str, Callable[[], BinaryIO]]:
    """Return what opens each file, by its name in the zip and in their order there."""
    script = SCRIPTS[artefact.task]
    picture = {PICTURE_SCRIPT.name: partial(io.BytesIO, PICTURE_SCRIPT.read_bytes())}
    network, description = directory / NETWORK_FILE, directory / DESCRIPTION_FILE
    if wanted is ExportFormat.FLOAT32:
        return {
            NETWORK_FILE: partial(network.open, "rb"),
            DESCRIPTION_FILE: partial(description.open, "rb"),
            script.name: partial(io.BytesIO, script.read_bytes()),
            **picture,
        }
    if wanted is ExportFormat.INT8:
        variant = variant_of(artefact.variants, Precision.INT8)
        if variant is None:
            raise FormatMissingError("This model was trained without int8: export float32.")
        alone = replace(artefact.served_as(variant), variants=())
        return {
            NETWORK_FILE: partial((directory / variant.file).open, "rb"),
            DESCRIPTION_FILE: partial(io.BytesIO, alone.encoded()),
            script.name: partial(io.BytesIO, script.read_bytes()),
            **picture,
        }
    converted = zip(NETWORK_FILES, _converted(network, scratch), strict=True)
    return {
        **{name: partial(io.BytesIO, content) for name, content in converted},
        DESCRIPTION_FILE: partial(description.open, "rb"),
        script.name: partial(io.BytesIO, script_for_openvino(script.read_text()).encode()),
        **picture,
    }


def _converted(network: Readable, scratch: str | None) -> tuple[bytes, bytes]:
    try:
        return convert(network, scratch)
    except OpenVinoMissingError as error:
        raise FormatMissingError(str(error)) from error
    except OSError as error:
        raise ArtefactError(f"The model cannot be read: {error.strerror}.") from error


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
