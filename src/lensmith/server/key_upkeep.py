"""Rotates keys that are due, deletes those whose time is over, wraps data keys again."""

from __future__ import annotations

import time

import structlog
from sqlalchemy import Connection

from lensmith.config import Settings
from lensmith.domain.clock import now_ms
from lensmith.domain.errors import ObjectStoreError, SealedFileError
from lensmith.domain.key import DAY_MS
from lensmith.domain.key_errors import KmsError
from lensmith.processes.periodic import PeriodicThread
from lensmith.store.published.renewal import renew_model
from lensmith.store.records import artefacts, keys
from lensmith.store.records.engine import Purpose, Records
from lensmith.store.unreadable_folder import UnreadableFolderError

_PAUSE = 2.0  # seconds between two looks at whether a key was rotated
_HOUR = 3600.0

_RENEWAL_ERRORS = (
    *(KmsError, SealedFileError, UnreadableFolderError),
    *(ObjectStoreError, OSError),
)

_log = structlog.get_logger(__name__)


class KeyUpkeep:
    """One thread in the server process."""

    def __init__(self, settings: Settings, records: Records) -> None:
        self._settings = settings
        self._records = records
        self._materials = -1  # at the last renewal
        self._next_full = 0.0  # on the monotonic clock
        self._thread = PeriodicThread("keys", self._look, _PAUSE)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._thread.stop()

    def _look(self) -> None:
        if time.monotonic() >= self._next_full:
            self._next_full = time.monotonic() + _HOUR
            self._rotate()
            self._materials = -1
        now = self._records.read_cached(_materials, "")
        if now != self._materials:
            self._renew()
            self._materials = now

    def _rotate(self) -> None:
        with self._records.read() as connection:
            due = keys.due_for_rotation(connection)
            expired = keys.has_expired(connection)
        if not due and not expired:
            return
        with self._records.write_alone(Purpose.KEY_ROTATION) as connection:
            due = keys.due_for_rotation(connection)  # another server may have been first
            removed = keys.remove_expired(connection)
            for key in due:
                keys.rotate(connection, key, "AUTOMATIC")
                next_ms = now_ms() + (key.rotation_days or 0) * DAY_MS
                keys.change(connection, key.key_id, next_rotation_ms=next_ms)
        _log.info("keys rotated", rotated=len(due), deleted=removed)

    def _renew(self) -> None:
        """Wrap the data keys of models again where their key has newer material."""
        with self._records.read() as connection:
            trained = artefacts.trained(connection)
        for version in trained:
            try:
                if renew_model(self._settings, self._records, version):
                    _log.info("data key wrapped again", model=version.arn)
            except _RENEWAL_ERRORS as error:
                _log.warning("data key not wrapped again", model=version.arn, reason=str(error))


def _materials(connection: Connection, _: str) -> int:
    """Count all materials there are, plus one, because nothing is not cached."""
    return keys.count_materials(connection) + 1
