"""Messages between the leader and the actor of a unit."""

from __future__ import annotations

from dataclasses import dataclass, field

from lensmith.domain.precision import Precision
from lensmith.store.published.linked import LinkedFolder


@dataclass(frozen=True, slots=True)
class UnitOrder:
    """Everything a Ray node needs to run a unit. It has neither the records nor a key of S3."""

    release: str  # of Lensmith
    version_id: int
    model: LinkedFolder
    credentials: bytes = field(repr=False)  # certificate and key of TLS, PEM
    data_key: bytes | None = field(repr=False)  # of a sealed model
    precision: Precision | None
    cache_bytes: int


@dataclass(frozen=True, slots=True)
class UnitReport:
    """A unit as its actor sees it."""

    number: int = 0  # one higher with each change
    digest: str | None = None  # of the model in the last order; None before it
    port: int | None = None  # of a unit that is ready
    reason: str | None = None  # why it cannot start
