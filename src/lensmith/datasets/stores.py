"""Settings, records and object store, as every job needs them."""

from __future__ import annotations

from dataclasses import dataclass, field

from lensmith.config import Settings
from lensmith.store.objects import ObjectStores
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import Lease, process_owner


@dataclass(frozen=True, slots=True)
class Stores:
    settings: Settings
    records: Records
    objects: ObjectStores
    owner: str = field(default_factory=process_owner)  # in whose name jobs are taken

    @property
    def lease(self) -> Lease:
        return Lease(self.owner, self.settings.lease_seconds)
