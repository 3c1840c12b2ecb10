"""Conversion of image files of many formats to what DetectCustomLabels takes (api.md 6)."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import ExifTags, Image, UnidentifiedImageError

from lensmith.cli.detect.failure import PictureError
from lensmith.domain.errors import (
    ImageTooLargeException,
    InvalidImageFormatException,
    InvalidParameterException,
)
from lensmith.domain.image_limits import MAX_IMAGE_SIDE, MAX_REQUEST_IMAGE_BYTES
from lensmith.inference.image import UNREADABLE, as_rgb, read_header, upright

# Pillow's readers that stay within this process; for PostScript it starts Ghostscript.
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF", "JPEG2000", "PPM", "TGA")

_QUALITIES = (95, 88, 75)  # of JPEG, tried in this order
_SMALLER = 0.8

# The user chose the large picture. Far larger ones, which Pillow refuses, are still errors.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class RequestImage:
    """A JPEG or PNG file within the limits."""

    data: bytes
    width: int  # of the upright original, pixels
    height: int
    is_original: bool  # False when it was converted or made smaller

    def image(self) -> Image.Image:
        """Decode the picture as it is sent, upright, RGB."""
        with Image.open(io.BytesIO(self.data)) as image:
            return _upright(image)


def within_limits(data: bytes, limit: int) -> RequestImage:
    """Keep a JPEG or PNG of at most `limit` bytes as it is; convert anything else to a JPEG.

    Raises PictureError for files that are not a picture, or are damaged, too small or narrow.
    """
    try:
        header = read_header(data)
    except (ImageTooLargeException, InvalidImageFormatException):
        return _converted(data)
    except InvalidParameterException as error:
        raise PictureError(str(error)) from error
    if len(data) > limit:
        return _converted(data)
    return RequestImage(data, header.width, header.height, is_original=True)


def from_frame(image: Image.Image) -> RequestImage:
    """Encode an upright RGB image of any size as JPEG within the limits."""
    return RequestImage(_jpeg(image), image.width, image.height, is_original=False)


def _converted(data: bytes) -> RequestImage:
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            width, height = image.size
            image.draft("RGB", (MAX_IMAGE_SIDE, MAX_IMAGE_SIDE))
            shown = _upright(image)
    except (Image.DecompressionBombError, *UNREADABLE) as error:
        raise PictureError(f"Not a picture that can be read: {_reason(error)}") from error
    if (shown.width > shown.height) != (width > height):  # turned, and perhaps smaller
        width, height = height, width
    return RequestImage(_jpeg(shown), width, height, is_original=False)


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):  # its text is an address in memory
        return f"no format that is known: {', '.join(_FORMATS)}."
    return str(error)


def _upright(image: Image.Image) -> Image.Image:
    pixels = as_rgb(image)  # loading it turns some formats, and says so in what is read next
    return Image.fromarray(upright(pixels, _orientation(image)))


def _orientation(image: Image.Image) -> int:
    try:
        found = image.getexif().get(ExifTags.Base.Orientation, 1)
    except UNREADABLE:
        return 1  # damaged metadata does not spoil the picture
    return found if found in range(1, 9) else 1


def _jpeg(image: Image.Image) -> bytes:
    """Encode at the best quality that fits, at most MAX_IMAGE_SIDE pixels a side."""
    fitting = image.copy()
    side = MAX_IMAGE_SIDE
    while True:
        fitting.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        for quality in _QUALITIES:
            file = io.BytesIO()
            fitting.save(file, "JPEG", quality=quality)
            if file.tell() <= MAX_REQUEST_IMAGE_BYTES:
                return file.getvalue()
        side = round(max(fitting.size) * _SMALLER)
