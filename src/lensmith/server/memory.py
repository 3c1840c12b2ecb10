"""How the server asks the system for memory."""

from __future__ import annotations

import ctypes
import platform

# Names of malloc.h and their values, which are part of the C library's interface.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8

_LARGEST_BLOCK = 16 << 20  # bytes; twice the largest body
_KEPT_FREE = 32 << 20  # bytes an arena
_ARENAS = 2


def keep_large_blocks() -> None:
    """Use blocks of megabytes again instead of giving them back after every request.

    Fresh pages cost more than all else that is done with an image in this process: a thousand
    page faults for a picture of 12 megapixels. Does nothing where the C library is not glibc.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL(None)
    # Arenas are kept few because each keeps free memory; threads take turns in Python anyway.
    libc.mallopt(_M_ARENA_MAX, _ARENAS)
    libc.mallopt(_M_MMAP_THRESHOLD, _LARGEST_BLOCK)
    libc.mallopt(_M_TRIM_THRESHOLD, _KEPT_FREE)
