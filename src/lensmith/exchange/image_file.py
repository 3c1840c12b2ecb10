"""Reads format and size from the first bytes of an image file."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from PIL import ExifTags, Image

_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n"
_TURNED = frozenset({5, 6, 7, 8})  # EXIF orientations whose rows are columns


def is_png_or_jpeg(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_PNG)).startswith((_JPEG, _PNG))


def upright_size(file: Path | IO[bytes]) -> tuple[int, int] | None:
    """Return width and height in pixels of the upright image; None when it cannot be read.

    The beginning of the file is enough.
    """
    try:
        with Image.open(file, formats=("JPEG", "PNG")) as image:
            width, height = image.size
            # A PNG's own getexif would decode all pixels in search of a late chunk.
            turned = Image.Image.getexif(image).get(ExifTags.Base.Orientation) in _TURNED
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return (height, width) if turned else (width, height)
