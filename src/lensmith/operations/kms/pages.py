"""Pages of KMS's listings: Limit and Marker in, NextMarker and Truncated out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lensmith.domain.errors import InvalidPaginationTokenException
from lensmith.domain.key_errors import KeyMarkerError
from lensmith.operations.call import Call, Service

_PAGE_SIZE = 100
_POSITION = frozenset({"Limit", "Marker"})


def page(service: Service, call: Call, member: str, items: Sequence[Any]) -> dict[str, Any]:
    """Return one page of `items` as the reply's `member`; raises KeyMarkerError."""
    context = {
        "operation": call.operation,
        "account": call.caller.account_id,
        "region": service.settings.region,
        "request": {name: value for name, value in call.request.items() if name not in _POSITION},
    }
    try:
        start = service.tokens.read(call.request.get("Marker"), context) or 0
    except InvalidPaginationTokenException as error:
        raise KeyMarkerError from error
    end = start + int(call.request.get("Limit") or _PAGE_SIZE)
    answer: dict[str, Any] = {member: list(items[start:end]), "Truncated": end < len(items)}
    if end < len(items):
        answer["NextMarker"] = service.tokens.issue(context, end)
    return answer
