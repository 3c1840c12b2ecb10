"""Decodes hostile bytes to upright RGB pixels; the header is checked before any pixel."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from lensmith.domain.errors import (
    ImageTooLargeException,
    InvalidImageFormatException,
    InvalidParameterException,
)
from lensmith.domain.image_limits import MAX_IMAGE_ASPECT, MAX_IMAGE_SIDE, MIN_IMAGE_SIDE
from lensmith.inference.image_file import (
    PNG_SIGNATURE,
    File,
    has_too_many_parts,
    has_too_many_scans,
    plain_jpeg_size,
    png_chunks,
)
from lensmith.inference.jpeg import decode_jpeg

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Pixels = NDArray[np.uint8]
"""height x width x 3, RGB."""

_JPEG_SIGNATURE = b"\xff\xd8\xff"

# What Pillow raises on damaged files, by experiment (tests/inference/test_image.py, mutations).
UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    struct.error,
    zlib.error,
)

# Pillow warns of damaged metadata, which does not affect the pixels.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


class ImageFormat(StrEnum):
    JPEG = "JPEG"
    PNG = "PNG"


@dataclass(frozen=True, slots=True)
class Header:
    """Properties from a file's header; the sides are those of the upright image."""

    format: ImageFormat
    width: int
    height: int
    orientation: int  # EXIF 1..8, 1 when absent or nonsense

    @property
    def is_turned(self) -> bool:
        """True when the stored rows are the columns of the upright image."""
        return self.orientation >= 5


def read_header(data: File) -> Header:
    """Read and check the header of a file (api.md 6, 3).

    Raises InvalidImageFormatException (neither JPEG nor PNG, or damaged),
    ImageTooLargeException (a side over 4096 px) or InvalidParameterException (a side under
    64 px, or more than 20 times as long as wide).
    """
    if has_too_many_parts(data):
        raise InvalidImageFormatException
    size = plain_jpeg_size(data) if data[:3] == _JPEG_SIGNATURE else None
    header = _described(data) if size is None else Header(ImageFormat.JPEG, *size, orientation=1)
    _refuse_sizes(header.width, header.height)
    if header.format is ImageFormat.JPEG and has_too_many_scans(data):
        raise InvalidImageFormatException
    return header


def decode(data: File, header: Header, at_least: tuple[int, int] | None = None) -> Pixels:
    """Decode to upright pixels; transparency becomes white, 16-bit samples keep their upper byte.

    With `at_least` (width, height of the upright image) a JPEG may come scaled down by 2, 4 or
    8, as long as neither side falls below. A JPEG may lack its end marker, not pixels. Raises
    InvalidImageFormatException when the file is cut short or damaged.
    """
    factor = _scale_factor(header, at_least)
    try:
        stored = _decode_stored(data, header, factor)
    except UNREADABLE as error:
        raise InvalidImageFormatException from error
    return upright(stored, header.orientation)


def upright(stored: Pixels, orientation: int) -> Pixels:
    """Undo an EXIF orientation, without copying."""
    turned = stored.transpose(1, 0, 2) if orientation >= 5 else stored
    if orientation in {3, 4, 7, 8}:
        turned = turned[::-1]
    if orientation in {2, 3, 6, 7}:
        turned = turned[:, ::-1]
    return turned


def _described(data: File) -> Header:
    try:
        image = _open(data)
        orientation = _orientation(image, data)
        width, height = image.size
    except UNREADABLE as error:
        raise InvalidImageFormatException from error
    if width < 1 or height < 1:
        raise InvalidImageFormatException
    upright_size = (height, width) if orientation >= 5 else (width, height)
    kind = ImageFormat.PNG if isinstance(image, PngImageFile) else ImageFormat.JPEG
    return Header(kind, *upright_size, orientation)


def _open(data: File) -> JpegImageFile | PngImageFile:
    # The plugin classes rather than Image.open: no other format can be reached, and its bomb
    # check, which partly warns, does not precede _refuse_sizes.
    if data[: len(_JPEG_SIGNATURE)] == _JPEG_SIGNATURE:
        return JpegImageFile(_opened(data))
    if data[: len(PNG_SIGNATURE)] == PNG_SIGNATURE:
        return PngImageFile(_opened(data))
    raise InvalidImageFormatException


def _opened(data: File) -> BinaryIO:
    return io.BytesIO(data) if isinstance(data, bytes) else io.BufferedReader(_View(data))


class _View(io.RawIOBase):
    """Reads memory as a file without io.BytesIO's copy of all of it."""

    def __init__(self, data: memoryview) -> None:
        super().__init__()
        self._data = data
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        wanted = memoryview(buffer)
        part = self._data[self._position : self._position + len(wanted)]
        wanted[: len(part)] = part
        self._position += len(part)
        return len(part)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: len(self._data)}
        self._position = max(start[whence] + offset, 0)
        return self._position


def _refuse_sizes(width: int, height: int) -> None:
    shorter, longer = sorted((width, height))
    if longer > MAX_IMAGE_SIDE:
        raise ImageTooLargeException
    if shorter < MIN_IMAGE_SIDE:
        raise InvalidParameterException(
            f"The image is {width} x {height} pixels; "
            f"each side must have at least {MIN_IMAGE_SIDE}."
        )
    if longer > MAX_IMAGE_ASPECT * shorter:
        raise InvalidParameterException(
            f"The image is {width} x {height} pixels; "
            f"one side must not be more than {MAX_IMAGE_ASPECT} times the other."
        )


def _orientation(image: JpegImageFile | PngImageFile, data: File) -> int:
    if isinstance(image, PngImageFile) and "exif" not in image.info:
        for late in png_chunks(data, b"eXIf"):
            image.info["exif"] = bytes(late)
    try:
        # PngImageFile's own getexif would decode the pixels to reach a late chunk.
        found = Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1)
    except UNREADABLE:
        return 1  # damaged metadata does not affect the pixels
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _scale_factor(header: Header, at_least: tuple[int, int] | None) -> int:
    if at_least is None or header.format is ImageFormat.PNG:
        return 1
    spare = min(header.width // max(at_least[0], 1), header.height // max(at_least[1], 1))
    # Other fractions exist, but only these run on the decoder's vector instructions.
    return next((factor for factor in (8, 4, 2) if factor <= spare), 1)


def _decode_stored(data: File, header: Header, factor: int) -> Pixels:
    height, width = (
        (header.width, header.height) if header.is_turned else (header.height, header.width)
    )
    if header.format is ImageFormat.JPEG:
        sides = {"min_height": -(-height // factor), "min_width": -(-width // factor)}
        stored, data = decode_jpeg(data, sides)
        if stored is not None:
            return stored
    image = _open(data)
    if factor > 1:
        image.draft(None, (-(-width // factor), -(-height // factor)))
    return as_rgb(image)


def as_rgb(image: Image.Image) -> Pixels:
    """Convert to RGB as stored; transparency becomes white, 16-bit samples keep the upper byte."""
    image.load()
    if image.mode.startswith("I"):  # 16-bit grey, which Pillow would clip instead of scale
        upper = np.asarray(image).astype(np.uint32) >> 8
        return np.repeat(upper.astype(np.uint8)[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        image = _on_white(image)
    return np.asarray(image.convert("RGB"))


def _on_white(image: Image.Image) -> Image.Image:
    seen = image if image.mode == "RGBA" else image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
