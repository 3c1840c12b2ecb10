"""Holds the surroundings of every step: settings, records, the way to the store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from lensmith.config import Settings
from lensmith.domain.bucket import Bucket
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.domain.rate_limit import CallRates
from lensmith.gateway.grammar.address import Hosts
from lensmith.gateway.http.store_pool import StorePool
from lensmith.gateway.http.store_request import StoreSigner
from lensmith.gateway.object_cache import ObjectCache
from lensmith.gateway.turn import Turn
from lensmith.store.audit.trail import AuditTrail
from lensmith.store.records import buckets
from lensmith.store.records.engine import Records
from lensmith.store.records.record_cache import Lookup

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class JudgedBucket:
    """A bucket and its policy, parsed."""

    record: Bucket
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class Services:
    """The surroundings of the gateway."""

    settings: Settings
    records: Records
    store: StorePool
    signer: StoreSigner
    hosts: Hosts
    regions: tuple[str, ...]
    turn: Turn | None  # None: the records are in PostgreSQL, and every read asks it
    audit: AuditTrail | None = None  # None: no events are recorded
    rates: CallRates = field(default_factory=CallRates)
    cache: ObjectCache = field(default_factory=lambda: ObjectCache(0))

    @property
    def region(self) -> str:
        return self.regions[0]

    async def read(self, lookup: Lookup[K, T], key: K) -> T:
        """Read the records as of now; what did not change comes from memory."""
        if self.turn is None:
            return await asyncio.to_thread(self.records.read_cached, lookup, key)
        return self.records.read_as_of(self.turn.snapshot(), lookup, key)

    async def write(self, change: Callable[[Connection], None]) -> None:
        """Commit one change of the records."""
        await asyncio.to_thread(self._write, change)

    def bucket(self, name: str) -> Awaitable[JudgedBucket | None]:
        return self.read(judged_bucket, name)

    def _write(self, change: Callable[[Connection], None]) -> None:
        with self.records.write() as connection:
            change(connection)


def judged_bucket(connection: Connection, name: str) -> JudgedBucket | None:
    """Read a bucket with its policy, for `Records.read_cached`."""
    record = buckets.find(connection, name)
    if record is None:
        return None
    policies = () if record.policy is None else (Policy.stored(record.policy, PolicyKind.RESOURCE),)
    return JudgedBucket(record, policies)
