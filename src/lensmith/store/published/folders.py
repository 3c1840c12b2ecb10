"""Keeps folders that are complete and never change, each under its digest."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

DIGEST_LENGTH = 64

References = Callable[[], Collection[str]]
"""Reads the digests that records name."""


class PublishedFolders(Protocol):
    """A store of published folders: a directory, or a bucket that several servers share."""

    def publish(self, folder: Path) -> str:
        """Take over a folder with all its files; returns its digest.

        It is complete and lasting when this returns, and not there at all if it does not. Raises
        OSError, and ObjectStoreError when the store is away.
        """

    def using(self, digest: str) -> AbstractContextManager[Path]:
        """Give a folder on this machine's disk to read, which stays there during the block.

        Raises UnreadableFolderError.
        """

    def read(self, digest: str, name: str) -> bytes:
        """Read one small file of a folder; raises UnreadableFolderError."""

    @property
    def is_shared(self) -> bool:
        """Whether several servers publish into it."""

    def holds(self, digest: str, /) -> bool:
        """Return whether this server can reach the folder; does not ask a store elsewhere."""

    def remove(self, digest: str) -> None:
        """Remove a folder that no record names; it may be gone already.

        Raises OSError, and ObjectStoreError when the store is away.
        """

    def orphans(self, references: References, age_seconds: float) -> list[str]:
        """Return the folders, at least this old, that no record names.

        The records are read after the folders were listed, so that a folder which is published
        and recorded meanwhile is left out. Raises OSError and ObjectStoreError.
        """

    def discard_unfinished(self, age_seconds: float = 0) -> None:
        """Remove from this disk what killed processes left half made, or half removed.

        Everything from this age on; 0 only while no process runs.
        """
