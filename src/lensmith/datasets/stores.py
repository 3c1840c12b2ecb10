"""Where the jobs read and write."""

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
