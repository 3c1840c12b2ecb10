"""Memory shared by the server and a unit, so that image files need not be sent."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator

LARGEST_FILE = 15 << 20  # bytes; api.md 6, 3
BUFFERS_PER_SLOT = 2
"""At each slot of a unit: one that is looked at, and one that waits."""

Buffer = memoryview
"""Memory of one image file, unmapped when the last reference is gone."""


def allocate(slots: int) -> int:
    """Create memory for `slots` slots and return its file descriptor; untouched pages are free."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("lensmith-images")
    else:  # not Linux
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, slots * BUFFERS_PER_SLOT * LARGEST_FILE)
    return descriptor


def map_buffers(descriptor: int) -> Iterator[tuple[Buffer, ...]]:
    """Map the memory and yield the buffers of each slot; the descriptor may then be closed."""
    whole = memoryview(mmap.mmap(descriptor, 0))
    files = (whole[start : start + LARGEST_FILE] for start in range(0, len(whole), LARGEST_FILE))
    return zip(*[files] * BUFFERS_PER_SLOT, strict=True)
