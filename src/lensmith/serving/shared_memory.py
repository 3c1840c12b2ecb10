"""Memory shared by the server and a unit, so that image files need not be sent."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator

from lensmith.domain.image_limits import MAX_IMAGE_BYTES

BUFFERS_PER_SLOT = 2
"""One for the image being predicted, one for the next."""

Buffer = memoryview
"""Memory of one image file, unmapped when the last reference is gone."""


def allocate(slots: int) -> int:
    """Create memory for `slots` slots and return its file descriptor; untouched pages are free."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("lensmith-images")
    else:  # not Linux
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, slots * BUFFERS_PER_SLOT * MAX_IMAGE_BYTES)
    return descriptor


def map_buffers(descriptor: int) -> Iterator[tuple[Buffer, ...]]:
    """Map the memory and yield the buffers of each slot; the descriptor may then be closed."""
    whole = memoryview(mmap.mmap(descriptor, 0))
    files = (
        whole[start : start + MAX_IMAGE_BYTES] for start in range(0, len(whole), MAX_IMAGE_BYTES)
    )
    return zip(*[files] * BUFFERS_PER_SLOT, strict=True)
