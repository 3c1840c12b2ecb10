"""Decodes JPEG files, and tells those that only lack their end from those that lack pixels."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import simplejpeg  # type: ignore[import-untyped]
from numpy.typing import NDArray

from lensmith.domain.errors import InvalidImageFormatException
from lensmith.inference.image_file import File

_END_OF_IMAGE = b"\xff\xd9"
_START_OF_SCAN = b"\xff\xda"
_LAST_COEFFICIENT = 63  # of a block, in the order of scans

# First warnings of libjpeg (jerror.h): JWRN_HIT_MARKER, JWRN_MUST_RESYNC at the end marker,
# JWRN_JPEG_EOF and JWRN_EXTRANEOUS_DATA.
_NO_MORE_DATA = ("premature end of data segment", "found marker 0xd9 instead of RST")
_NO_END = "Premature end of JPEG file"
_BYTES_BEFORE_END = re.compile("([0-9]+) extraneous bytes before marker 0xd9")


def decode_jpeg(data: File, sides: dict[str, int]) -> tuple[NDArray[np.uint8] | None, File]:
    """Decode to RGB with at least these `sides`, and return the data with its end marker.

    None stands for CMYK, and for damage that Pillow may tolerate. The end marker may be missing,
    with or without foreign bytes in its place. Raises InvalidImageFormatException when pixels or
    scans are missing.
    """
    # Both colour spaces: libjpeg refuses to convert CMYK before it looks at the data.
    pixels, warning = _decode(data, sides, "RGB")
    if pixels is not None:
        return pixels, data
    colours = "RGB" if _concerns_data(warning) else "CMYK"
    if colours == "CMYK":
        _, warning = _decode(data, sides, colours)
    if _NO_END in warning:
        data = bytes(data) + _END_OF_IMAGE
        pixels, warning = _decode(data, sides, colours)
    if foreign := _BYTES_BEFORE_END.search(warning):
        # Without them a first warning shows, if there is one, that data are missing before them.
        data = _without(int(foreign[1]), bytes(data))
        pixels, warning = _decode(data, sides, colours)
    if any(reason in warning for reason in _NO_MORE_DATA):
        raise InvalidImageFormatException
    _refuse_missing_scans(bytes(data))
    return (pixels if colours == "RGB" else None), data


def _decode(
    data: File, sides: dict[str, int], colours: str
) -> tuple[NDArray[np.uint8] | None, str]:
    """Return the pixels, or the first warning."""
    try:
        return simplejpeg.decode_jpeg(data, colours, **sides), ""
    except ValueError as error:
        return None, str(error)


def _concerns_data(warning: str) -> bool:
    is_foreign = _BYTES_BEFORE_END.search(warning) is not None
    return is_foreign or any(reason in warning for reason in (*_NO_MORE_DATA, _NO_END))


def _without(count: int, data: bytes) -> bytes:
    """Return the data up to the first end marker after a scan, less `count` bytes before it."""
    end = data.find(_END_OF_IMAGE, data.find(_START_OF_SCAN))
    return data[: end - count] + _END_OF_IMAGE


def _refuse_missing_scans(data: bytes) -> None:
    """Raise InvalidImageFormatException for a progressive JPEG that was cut between two scans."""
    scans = list(_scans(data))
    if not any(last != _LAST_COEFFICIENT or bit for _, _, last, bit in scans):
        return  # no progressive one
    for component in {component for component, *_ in scans}:
        exact = [scan for scan in scans if scan[0] == component and not scan[3]]
        ends = {first for _, first, _, _ in exact}, {last for _, _, last, _ in exact}
        if 0 not in ends[0] or _LAST_COEFFICIENT not in ends[1]:
            raise InvalidImageFormatException


def _scans(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield component, first and last coefficient and lowest bit of each scan (T.81 B.2.3)."""
    at = data.find(_START_OF_SCAN)
    while 0 <= at < len(data) - 4:
        count = data[at + 4]
        tail = data[at + 5 + 2 * count : at + 8 + 2 * count]
        if 1 <= count <= 4 and len(tail) == 3:
            for each in range(count):
                yield data[at + 5 + 2 * each], tail[0], tail[1], tail[2] & 15
        at = data.find(_START_OF_SCAN, at + 2)
