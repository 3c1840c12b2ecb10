"""Memory that the server and a unit both see, so that image files need not be sent."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator

LARGEST_FILE = 15 << 20  # bytes; api.md 6, 3
FILES = 2
"""At each place of a unit: one that is looked at, and one that waits."""

Area = memoryview
"""Room for one image file. It is let go of when nothing refers to it any more."""


def reserve(places: int) -> int:
    """A file descriptor of memory for so many places; what is not used takes no room."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("lensmith-images")
    else:  # not Linux
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, places * FILES * LARGEST_FILE)
    return descriptor


def areas(descriptor: int) -> Iterator[tuple[Area, ...]]:
    """The memory behind a descriptor, of one place after the other; it may then be closed."""
    whole = memoryview(mmap.mmap(descriptor, 0))
    files = (whole[start : start + LARGEST_FILE] for start in range(0, len(whole), LARGEST_FILE))
    return zip(*[files] * FILES, strict=True)
