"""What an operation is given: the request and the services it may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

from lensmith.config import Settings
from lensmith.domain.caller import Caller
from lensmith.metrics.calls import CallMeter
from lensmith.serving.fleet import Fleet
from lensmith.store.objects import ObjectStores
from lensmith.store.records.engine import Records
from lensmith.wire.pagination import PaginationTokens

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """A request that parsed, satisfied the service model and carried a valid signature."""

    operation: str
    request: Mapping[str, Any]
    caller: Caller
    request_id: str


@dataclass(frozen=True, slots=True)
class Service:
    """What the operations share; made once when the server starts."""

    settings: Settings
    records: Records
    objects: ObjectStores
    fleet: Fleet
    tokens: PaginationTokens
    wake_jobs: Callable[[], None]  # a job was queued; safe from any thread
    calls: CallMeter = field(default_factory=CallMeter)


@dataclass(frozen=True, slots=True)
class Permission:
    """An IAM action on a resource that the caller must be allowed (api.md 2, Auth)."""

    action: str  # rekognition:<Operation>
    resource: str  # ARN, or *
    resource_tags: Mapping[str, str]  # aws:ResourceTag/<key>
    request_tags: Mapping[str, str]  # aws:RequestTag/<key>, aws:TagKeys
    deny_only: bool = False  # no Allow is needed here, but an explicit Deny refuses


class Aside(Protocol):
    """Carries out what blocks, or takes long, beside the event loop."""

    async def __call__(self, work: Callable[[], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table: how a call is authorised and what carries it out."""

    name: str
    permissions: Callable[[Service, Call], list[Permission]]
    handle: Callable[[Service, Call], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class AwaitedOperation:
    """A row whose calls mostly wait: they take no thread for that, only an event loop."""

    name: str
    permissions: Callable[[Service, Call], list[Permission]]
    begin: Callable[[Service, Call], Rest]  # looks into the records and says what is left


Rest: TypeAlias = Callable[[Aside], Awaitable[dict[str, Any]]]
