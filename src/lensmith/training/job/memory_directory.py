"""Checks that a folder is in memory, where plaintext of sealed models may be."""

from __future__ import annotations

from pathlib import Path

import psutil

from lensmith.domain.errors import LensmithError

_IN_MEMORY = frozenset({"tmpfs", "ramfs"})


class MemoryDirectoryError(LensmithError):
    """The folder for plaintext is on a disk."""


def refuse_disk(directory: Path) -> None:
    """Raise MemoryDirectoryError unless a folder, or the one it will be made in, is in memory."""
    mounted = {one.mountpoint: one.fstype for one in psutil.disk_partitions(all=True)}
    resolved = directory.resolve()
    nearest = next((str(one) for one in (resolved, *resolved.parents) if str(one) in mounted), "")
    if mounted.get(nearest) not in _IN_MEMORY:
        raise MemoryDirectoryError(
            f"{directory} is not in memory: name a tmpfs by LENSMITH_MEMORY_DIRECTORY."
        )
