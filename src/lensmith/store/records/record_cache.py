"""Read cache, invalidated by every commit of any process (SQLite `PRAGMA data_version`).

So a cached value is what a read would return now: a key that was withdrawn stops working with the
next call. PostgreSQL has no such counter; there every call reads, and what is read last counts only
while it cannot be reached. What depends on identities alone
is kept until one of them changes.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, PoolProxiedConnection
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import InterfaceError, OperationalError

from lensmith.domain.errors import LensmithError
from lensmith.store.records.identity_triggers import IDENTITY_VERSION
from lensmith.store.records.outage_cache import OutageCache

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

Lookup = Callable[[Connection, K], T]
"""Reads the records for one key. Its result is shared and must not be changed."""

Read = Callable[[], AbstractContextManager[Connection]]

_MAX_ENTRIES = 8192  # a key, its version and its tags for some thousand users


class CacheMiss(LensmithError):  # noqa: N818 - expected, not a fault
    """The value is not cached, and this caller must not wait for a read."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A version of the records, and what was read of it."""

    version: int
    identities: int | None = None  # their version; None: not known
    entries: dict[tuple[Lookup[Any, Any], Hashable], Any] = field(default_factory=dict)


_of_identities: set[Lookup[Any, Any]] = set()


def reads_identities(lookup: Lookup[K, T]) -> Lookup[K, T]:
    """Mark a lookup that reads no tables but those of `identity_triggers`."""
    _of_identities.add(lookup)
    return lookup


_outlasting: set[Lookup[Any, Any]] = set()


def outlasts_outage(lookup: Lookup[K, T]) -> Lookup[K, T]:
    """Mark a lookup whose last results count for a moment where PostgreSQL cannot be reached."""
    _outlasting.add(lookup)
    return lookup


_pinned: ContextVar[Snapshot | None] = ContextVar("pinned", default=None)


class RecordCache:
    """Reads the records again only after a commit. Thread-safe."""

    def __init__(self, engine: Engine, read: Read) -> None:
        self._read = read
        self._version = _DataVersion(engine) if engine.dialect.name == "sqlite" else None
        self._snapshot = Snapshot(-1)
        self._outage = OutageCache()

    def get(self, lookup: Lookup[K, T], key: K) -> T:
        """Return what `lookup` reads for `key`, cached if possible.

        Raises CacheMiss inside a `cache_only` block if it is not cached.
        """
        pinned = _pinned.get()
        snapshot = self._current() if pinned is None else pinned
        value: T | None = snapshot.entries.get((lookup, key))
        if value is not None:
            return value
        if pinned is not None:
            raise CacheMiss
        return self._fetch(snapshot, lookup, key)

    def snapshot(self) -> Snapshot:
        """Return the records' state of now, for reads that may all be as of now."""
        return self._current()

    def get_as_of(self, snapshot: Snapshot, lookup: Lookup[K, T], key: K) -> T:
        """As `get`, without asking again whether anything was committed since `snapshot`."""
        value: T | None = snapshot.entries.get((lookup, key))
        return self._fetch(snapshot, lookup, key) if value is None else value

    def cache_only(self) -> Callable[[], AbstractContextManager[None]]:
        """Return a factory of blocks in which `get` uses the snapshot of this moment alone."""
        return partial(_PinnedTo, self._current())

    def close(self) -> None:
        if self._version is not None:
            self._version.close()

    def _current(self) -> Snapshot:
        if self._version is None:
            return Snapshot(-1)
        version = self._version.now()
        snapshot = self._snapshot
        if snapshot.version != version:
            snapshot = self._snapshot = self._next(snapshot, version)
        return snapshot

    def _next(self, before: Snapshot, version: int) -> Snapshot:
        """Begin the snapshot after a commit, with what that commit has not changed."""
        assert self._version is not None
        identities = self._version.of_identities()  # after `version`, so never an older one
        kept: dict[tuple[Lookup[Any, Any], Hashable], Any] = {}
        if identities is not None and identities == before.identities:
            entries = before.entries.copy()  # other threads add to it
            kept = {key: value for key, value in entries.items() if key[0] in _of_identities}
        return Snapshot(version, identities, kept)

    def _fetch(self, snapshot: Snapshot, lookup: Lookup[K, T], key: K) -> T:
        if self._version is None and lookup in _outlasting:
            value = self._fetch_or_recall(lookup, key)
        else:
            with self._read() as connection:
                value = lookup(connection, key)
        if len(snapshot.entries) >= _MAX_ENTRIES:
            snapshot.entries.clear()
        if value is not None:  # misses stay out: unsigned callers can send unknown keys
            snapshot.entries[lookup, key] = value
        return value

    def _fetch_or_recall(self, lookup: Lookup[K, T], key: K) -> T:
        """Read from PostgreSQL; what was read last counts while it cannot be reached."""
        known: T | None = self._outage.recall_early((lookup, key))
        if known is not None:
            return known
        try:
            with self._read() as connection:
                value = lookup(connection, key)
        except (OperationalError, InterfaceError):
            recalled: T | None = self._outage.recall((lookup, key))
            if recalled is None:
                raise
            return recalled
        self._outage.remember((lookup, key), value)
        return value


class _PinnedTo:
    """A block of `cache_only`; a generator would cost each call several times as much."""

    __slots__ = ("_before", "_snapshot")

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def __enter__(self) -> None:
        self._before = _pinned.set(self._snapshot)

    def __exit__(self, *_: object) -> None:
        _pinned.reset(self._before)


class _DataVersion:
    """SQLite's commit counter, read on its own connection, which never writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: PoolProxiedConnection | None = None
        self._cursor: DBAPICursor
        self._lock = threading.Lock()

    def now(self) -> int:
        with self._lock:
            if self._connection is None:
                self._connection = self._engine.raw_connection()
                self._cursor = self._connection.cursor()
            self._cursor.execute("PRAGMA data_version")
            return int(self._cursor.fetchall()[0][0])

    def of_identities(self) -> int | None:
        """Return the version of identities; None for records without one."""
        with self._lock:
            assert self._connection is not None
            cursor = self._connection.cursor()
            try:
                cursor.execute(IDENTITY_VERSION)
            except sqlite3.OperationalError:  # records before their migration
                return None
            found = cursor.fetchall()
            return int(found[0][0]) if found else None

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
