"""Settings, records and object store, as every job needs them."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.config import Settings
from lensmith.store.objects import ObjectStores
from lensmith.store.records.engine import Records


@dataclass(frozen=True, slots=True)
class Stores:
    settings: Settings
    records: Records
    objects: ObjectStores
