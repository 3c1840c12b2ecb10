"""Arguments of an operation: the call, the shared services, offloading; and the table's row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any, Literal, Protocol, Self, TypeAlias, TypeVar

from lensmith.config import Settings
from lensmith.domain.caller import Caller
from lensmith.domain.policy.document import Policy
from lensmith.domain.rate_limit import CallRates
from lensmith.metrics.calls import CallMeter
from lensmith.serving.capturing import Capturing
from lensmith.serving.fleet import Fleet
from lensmith.store.audit.history import AuditHistory
from lensmith.store.audit.trail import AuditTrail
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
    # Global condition keys of the request, where the operation itself judges its caller.
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Service:
    """The services that operations share; made once when the server starts."""

    settings: Settings
    records: Records
    objects: ObjectStores
    fleet: Fleet
    tokens: PaginationTokens
    wake_jobs: Callable[[], None]  # a job was queued; safe from any thread
    calls: CallMeter = field(default_factory=CallMeter)
    capturing: Capturing | None = None  # None: no picture is kept
    audit: AuditTrail | None = None  # None: no events are recorded
    history: AuditHistory | None = None  # of the events that are in the records
    rates: CallRates = field(default_factory=CallRates)

    def in_region(self, region: str) -> Self:
        """Return the service as it is in a region that is served, with resources of its own.

        Services that are global take place in the server's region, whatever a signature names.
        """
        settings = self.settings
        if region == settings.region or region not in settings.served_regions:
            return self
        return replace(self, settings=_in_region(settings, region))


@lru_cache(maxsize=64)
def _in_region(settings: Settings, region: str) -> Settings:
    return replace(settings, region=region)


@dataclass(frozen=True, slots=True)
class Permission:
    """An IAM action on a resource that the caller must be allowed (api.md 2, Auth)."""

    action: str  # rekognition:<Operation>
    resource: str  # ARN, or *
    resource_tags: Mapping[str, str]  # aws:ResourceTag/<key>
    request_tags: Mapping[str, str]  # aws:RequestTag/<key>, aws:TagKeys
    deny_only: bool = False  # no Allow is needed here, but an explicit Deny refuses
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # further condition keys
    resource_policies: tuple[Policy, ...] = ()
    resource_account: str | None = None  # None: the caller's
    needs_resource_policy: bool = False  # as a role's trust policy
    shown: str = ""  # instead of `resource` to a caller who is refused: as the caller named it


class Offload(Protocol):
    """Runs work of one call that blocks or takes long, so that the event loop stays free."""

    async def __call__(self, work: Callable[[], T], /) -> T:
        """Run in a thread."""

    async def unless_cached(self, work: Callable[[], T], /) -> T:
        """Run here if the record cache holds all that `work` reads, else in a thread.

        `work` may start twice, so it changes nothing and reads through `Records.read_cached` only.
        """


Handle: TypeAlias = Callable[[Service, Call, Offload], Awaitable[dict[str, Any]]]
PoolName: TypeAlias = Literal["control", "detection"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of a table of operations: how a call is authorised and handled."""

    name: str
    permissions: Callable[[Service, Call], list[Permission]]  # reads by `read_cached` only
    handle: Handle
    unsigned: bool = False  # the caller proves who it is in another way
    pool: PoolName = "control"  # whose threads it uses, and among whose calls it is admitted


def blocking(work: Callable[[Service, Call], dict[str, Any]]) -> Handle:
    """Make a handler of a plain function: the whole of it runs in a thread."""

    async def handle(service: Service, call: Call, offload: Offload) -> dict[str, Any]:
        return await offload(partial(work, service, call))

    return handle
