"""Every CloudTrail operation that is served."""

from __future__ import annotations

from lensmith.operations.call import Call, Operation, Permission, Service, blocking
from lensmith.operations.cloudtrail.lookup_events import lookup_events


def _permissions(_: Service, call: Call) -> list[Permission]:
    return [Permission(f"cloudtrail:{call.operation}", "*", {}, {})]


_ROWS = (Operation("LookupEvents", _permissions, blocking(lookup_events)),)

OPERATIONS: dict[str, Operation] = {row.name: row for row in _ROWS}
