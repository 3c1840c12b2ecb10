"""Walks the parts of a PNG or JPEG file without decoding them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice

import numpy as np

File = bytes | memoryview
"""Content of a PNG or JPEG file."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# Every scan of a progressive JPEG costs a pass over the picture; no encoder needs this many.
_MAX_SCANS = 500
_START_OF_SCAN = int.from_bytes(b"\xff\xda", sys.byteorder)

# Chunks of a PNG, or segments of a JPEG before its pixels; Pillow reads each in Python. A PNG of
# 15 MB in parts of 4 kB, the least that encoders make, has 4,000; a JPEG has some hundred.
_MAX_PARTS = 10_000

# Segments of a JPEG that say nothing of its size or orientation: tables, restart interval, JFIF,
# colour profile, Photoshop's, Adobe's, comment. Exif and XMP are in APP1.
_SILENT = frozenset({0xDB, 0xC4, 0xDD, 0xE0, 0xE2, 0xED, 0xEE, 0xFE})
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended, progressive
_COLOURS = frozenset({1, 3})  # components of a frame: grey, or what becomes RGB

_SCAN = 0xDA  # the second byte of a JPEG's marker before the first pixels
_FIRST_WITH_LENGTH = 0xC0  # of such bytes


def has_too_many_parts(data: File) -> bool:
    """Return whether a file has more parts than encoders make; each costs Pillow time."""
    if data[: len(PNG_SIGNATURE)] == PNG_SIGNATURE:
        return next(islice(_png_parts(data), _MAX_PARTS, None), None) is not None
    return next(islice(_jpeg_parts(data), _MAX_PARTS, None), None) is not None


def _jpeg_parts(data: File) -> Iterator[int]:
    """Yield the positions of segments, and of bytes between them, up to the first scan."""
    position = 2
    while position + 4 <= len(data):
        yield position
        is_marker = data[position] == 0xFF
        kind = data[position + 1]
        if is_marker and kind == _SCAN:
            return
        if is_marker and kind >= _FIRST_WITH_LENGTH and kind != 0xFF:
            position += 2 + int.from_bytes(data[position + 2 : position + 4])
        else:
            position += 1


def plain_jpeg_size(data: File) -> tuple[int, int] | None:
    """Read width and height of a JPEG that has nothing unusual before its pixels.

    None for any other, which a decoder must look at: Exif, a side of 0, inks, bytes between
    segments. Opening a file in Pillow runs code that no cache holds after a network.
    """
    size = None
    for position in islice(_jpeg_parts(data), _MAX_PARTS):
        kind = data[position + 1]
        if data[position] != 0xFF or position + 10 > len(data):
            return None
        if kind == _SCAN:
            return size
        if kind in _FRAMES and size is None:
            height = int.from_bytes(data[position + 5 : position + 7])
            width = int.from_bytes(data[position + 7 : position + 9])
            bits, colours = data[position + 4], data[position + 9]
            if bits != 8 or colours not in _COLOURS or not width or not height:
                return None
            size = width, height
        elif kind not in _SILENT:
            return None
    return None


def has_too_many_scans(data: File) -> bool:
    """Return whether a JPEG has more scans than any encoder makes."""
    return _scans(data) > _MAX_SCANS


def _scans(data: File) -> int:
    """Count the start-of-scan markers of a JPEG: pairs of bytes at even and at odd offsets."""
    pairs = (np.frombuffer(data, np.uint16, (len(data) - odd) // 2, odd) for odd in (0, 1))
    # Counting in bytes takes ten times as long: every 0xff that is not a marker stops it.
    return sum(int(np.count_nonzero(each == _START_OF_SCAN)) for each in pairs)


def png_chunks(data: File, kind: bytes) -> Iterator[File]:
    """Yield the contents of the chunks of one kind, skipping the others by their lengths."""
    for start, length in _png_parts(data):
        if data[start - 4 : start] == kind:
            yield data[start : start + length]


def _png_parts(data: File) -> Iterator[tuple[int, int]]:
    """Yield where the content of each chunk starts, and its length, up to the last."""
    position = len(PNG_SIGNATURE)
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4])
        yield position + 8, length
        if data[position + 4 : position + 8] == b"IEND":
            return
        position += length + 12
