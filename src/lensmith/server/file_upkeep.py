"""Removes published folders that no record names, and publishes what only this disk has."""

from __future__ import annotations

import structlog

from lensmith.config import Settings
from lensmith.domain.errors import ObjectStoreError
from lensmith.processes.periodic import PeriodicThread
from lensmith.store.published.adoption import adopt
from lensmith.store.published.opening import published_folders, referenced
from lensmith.store.records.engine import Records

ORPHAN_SECONDS = 24 * 3600.0
"""Age from which a folder that no record names was not just published."""

_PAUSE_SECONDS = 3600.0
_PAUSE_AFTER_FAILURE_SECONDS = 60.0

_log = structlog.get_logger(__name__)


class FileUpkeep:
    """One thread in the server process."""

    def __init__(self, settings: Settings, records: Records) -> None:
        self._settings = settings
        self._records = records
        self._thread = PeriodicThread("files", self._look, _PAUSE_SECONDS)

    def start(self) -> None:
        """Remove at once what a killed server left in its own directory; then look each hour.

        Start it before anything that publishes.
        """
        if not published_folders(self._settings, self._records).is_shared:
            self._sweep(0)
        self._thread.start()

    def stop(self) -> None:
        self._thread.stop()

    def _look(self) -> float | None:
        try:
            adopt(self._settings, self._records)
            self._sweep(ORPHAN_SECONDS)
        except ObjectStoreError as error:
            _log.warning("files not looked after", reason=str(error))
            return _PAUSE_AFTER_FAILURE_SECONDS
        return None

    def _sweep(self, age_seconds: float) -> None:
        folders = published_folders(self._settings, self._records)
        removed = folders.sweep(self._referenced, age_seconds)
        if removed:
            _log.info("orphans removed", folders=removed)

    def _referenced(self) -> set[str]:
        with self._records.read() as connection:
            return referenced(connection)
