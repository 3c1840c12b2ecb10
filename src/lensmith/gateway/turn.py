"""One look at the records for all requests that arrived together."""

from __future__ import annotations

from asyncio import get_running_loop

from lensmith.store.records.engine import Records
from lensmith.store.records.record_cache import Snapshot


class Turn:
    """The records' state, asked for once in a turn of the event loop.

    `begin` is called where bytes of a client are read: every request that is answered until the
    loop polls again had begun to arrive before, so none of them follows a later commit.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._is_reading = False
        self._snapshot: Snapshot | None = None

    def begin(self) -> None:
        """Let reads share a state until the loop has dealt with what it polled."""
        if not self._is_reading:
            self._is_reading = True
            get_running_loop().call_soon(self._end)

    def snapshot(self) -> Snapshot:
        if self._snapshot is not None:
            return self._snapshot
        snapshot = self._records.snapshot()
        if self._is_reading:
            self._snapshot = snapshot
        return snapshot

    def _end(self) -> None:
        self._is_reading = False
        self._snapshot = None
