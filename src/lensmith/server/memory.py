"""Tunes glibc's malloc for the server."""

from __future__ import annotations

import ctypes
import platform

# Names of malloc.h and their values, which are part of the C library's interface.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8

_MMAP_THRESHOLD = 16 << 20  # bytes; twice the largest body
_TRIM_THRESHOLD = 32 << 20  # bytes an arena
_MAX_ARENAS = 2


def keep_large_blocks(c_library: str | None = None) -> None:
    """Reuse blocks of megabytes instead of returning them to the system after every request.

    Fresh pages cost more than all other work on an image in this process: a thousand page faults
    for 12 megapixels. Does nothing where the C library, by default that of this process, is not
    glibc.
    """
    if (c_library or platform.libc_ver()[0]) != "glibc":
        return
    libc = ctypes.CDLL(None)
    # Arenas are kept few because each keeps free memory; threads take turns in Python anyway.
    libc.mallopt(_M_ARENA_MAX, _MAX_ARENAS)
    libc.mallopt(_M_MMAP_THRESHOLD, _MMAP_THRESHOLD)
    libc.mallopt(_M_TRIM_THRESHOLD, _TRIM_THRESHOLD)
