"""Memory that the server and a unit both see, so that image files need not be sent."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator

LARGEST_FILE = 15 << 20  # bytes; api.md 6, 3

Area = memoryview
"""Room for one image file. It is let go of when nothing refers to it any more."""


def reserve(places: int) -> int:
    """A file descriptor of memory for so many image files; what is not used takes no room."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("lensmith-images")
    else:  # not Linux
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, places * LARGEST_FILE)
    return descriptor


def areas(descriptor: int) -> Iterator[Area]:
    """The memory behind a descriptor, an area a place; the descriptor may be closed afterwards."""
    whole = memoryview(mmap.mmap(descriptor, 0))
    for start in range(0, len(whole), LARGEST_FILE):
        yield whole[start : start + LARGEST_FILE]
