"""Removes published folders that no record names, slowly enough for a mistake to be noticed."""

from __future__ import annotations

import time

from lensmith.store.published.folders import PublishedFolders, References

ORPHAN_SECONDS = 24 * 3600.0
"""Age from which a folder that no record names cannot be one just published."""


class OrphanSweep:
    """Remembers since when each folder is an orphan.

    One that became so long after it was published, as by records from a backup, is kept for
    `grace_seconds` more.
    """

    def __init__(
        self,
        folders: PublishedFolders,
        references: References,
        age_seconds: float = ORPHAN_SECONDS,
        grace_seconds: float = ORPHAN_SECONDS,
    ) -> None:
        self._folders = folders
        self._references = references
        self._age_seconds = age_seconds
        self._grace_seconds = grace_seconds
        self._orphaned_at: dict[str, float] = {}  # on the monotonic clock

    def sweep(self) -> int:
        """Remove what was an orphan for long enough; returns how many folders.

        Also what killed processes left half made or half removed, once it is as old.

        Raises OSError and ObjectStoreError.
        """
        now = time.monotonic()
        self._folders.discard_unfinished(self._age_seconds)
        orphans = self._folders.orphans(self._references, self._age_seconds)
        self._orphaned_at = {name: self._orphaned_at.get(name, now) for name in orphans}
        removed = 0
        for name, since in self._orphaned_at.items():
            if now - since >= self._grace_seconds:
                self._folders.remove(name)
                removed += 1
        return removed
