"""Pagination of a listing: the request's token and size in, the next token out (api.md 1.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lensmith.operations.call import Call, Service

PAGE_SIZE = 100  # the maximum, and the default

_POSITION_MEMBERS = frozenset({"NextToken", "MaxResults"})


def page_size(call: Call, default: int = PAGE_SIZE) -> int:
    return int(call.request.get("MaxResults") or default)


def start(service: Service, call: Call) -> int | None:
    """Return the position after which the page begins; None is the first page.

    Raises InvalidPaginationTokenException.
    """
    return service.tokens.read(call.request.get("NextToken"), _context(service, call))


def next_token(service: Service, call: Call, position: int | None) -> dict[str, str]:
    """Return `{"NextToken": …}` when more follows, else {}: samples loop on the key."""
    if position is None:
        return {}
    return {"NextToken": service.tokens.issue(_context(service, call), position)}


def _context(service: Service, call: Call) -> Mapping[str, Any]:
    """Bind a token to the same request; only the page size may change."""
    question = {
        member: value
        for member, value in call.request.items()
        if member not in _POSITION_MEMBERS and value is not None
    }
    return {
        "operation": call.operation,
        "account": call.caller.account_id,
        "region": service.settings.region,
        "request": question,
    }
