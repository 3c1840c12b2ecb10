"""Removes published folders that no record names, and publishes what only this disk has."""

from __future__ import annotations

import structlog

from lensmith.config import Settings
from lensmith.domain.errors import ObjectStoreError
from lensmith.processes.periodic import PeriodicThread
from lensmith.store.files import write_atomically
from lensmith.store.published.adoption import adopt, adopt_snapshots
from lensmith.store.published.directory import DirectoryFolders
from lensmith.store.published.opening import installation, published_folders, referenced
from lensmith.store.published.orphans import ORPHAN_SECONDS, OrphanSweep
from lensmith.store.records.engine import Records

_INSTALLATION_FILE = "installation"
_PAUSE_SECONDS = 3600.0
_PAUSE_AFTER_FAILURE_SECONDS = 60.0

_log = structlog.get_logger(__name__)


class FileUpkeep:
    """One thread in the server process."""

    def __init__(
        self, settings: Settings, records: Records, grace_seconds: float = ORPHAN_SECONDS
    ) -> None:
        self._settings = settings
        self._records = records
        self._folders = published_folders(settings, records)
        self._orphans = OrphanSweep(self._folders, self._referenced)
        # What stays in the data directory when its folders have been published in a bucket.
        here = DirectoryFolders(settings.files_directory)
        self._left_behind = OrphanSweep(here, self._referenced, grace_seconds=grace_seconds)
        self._thread = PeriodicThread("files", self.look, _PAUSE_SECONDS)

    def start(self) -> None:
        """Remove at once what a killed server left half made, then look each hour.

        Start it before anything that publishes, and before trainings.
        """
        self._folders.discard_unfinished()
        try:
            adopt_snapshots(self._settings, self._records)
        except (ObjectStoreError, OSError) as error:
            _log.warning("snapshots not published", reason=str(error))
        self._thread.start()

    def stop(self) -> None:
        """End it; a store that does not answer is not waited for."""
        self._thread.stop(wait=False)

    def look(self) -> float | None:
        """Do what is due; returns the seconds of the pause after it where it is not the usual."""
        try:
            adopt(self._settings, self._records)
            if self._folders.is_shared or self._are_files_of_these_records():
                removed = self._orphans.sweep()
                _log.info("orphans looked for", removed=removed)
            if self._folders.is_shared and self._are_files_of_these_records():
                self._left_behind.sweep()
        except ObjectStoreError as error:
            _log.warning("files not looked after", reason=str(error))
            return _PAUSE_AFTER_FAILURE_SECONDS
        return None

    def _are_files_of_these_records(self) -> bool:
        """Return whether the data directory's files are named by these records, if by any.

        A server that was started on another database by mistake would remove every model.
        """
        marker = self._settings.data_directory / _INSTALLATION_FILE
        identity = installation(self._records)
        if not marker.exists():
            write_atomically(marker, identity.encode(), mode=0o600)
        if marker.read_bytes() == identity.encode():
            return True
        _log.warning("orphans stay: the records are not those of this directory", file=str(marker))
        return False

    def _referenced(self) -> set[str]:
        with self._records.read() as connection:
            return referenced(connection)
