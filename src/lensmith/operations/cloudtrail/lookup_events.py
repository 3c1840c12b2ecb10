"""LookupEvents: management events of 90 days, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lensmith.domain.cloudtrail_errors import (
    InvalidLookupAttributesError,
    InvalidMaxResultsError,
    InvalidNextTokenError,
    InvalidTimeRangeError,
)
from lensmith.domain.errors import InvalidPaginationTokenException
from lensmith.operations import page
from lensmith.operations.call import Call, Service
from lensmith.store.records import audit_events
from lensmith.store.records.audit_events import EventFilter, StoredEvent

_PAGE_SIZE = 50  # the maximum, and the default
_COLUMNS = {
    "EventId": "event_id",
    "EventName": "name",
    "EventSource": "source",
    "Username": "user_name",
    "AccessKeyId": "access_key_id",
}


def refuse_page_size(members: Mapping[str, Any]) -> None:
    """Raise InvalidMaxResultsError, which the service has for what others call invalid."""
    if "MaxResults" in members and not 1 <= members["MaxResults"] <= _PAGE_SIZE:
        raise InvalidMaxResultsError


def lookup_events(service: Service, call: Call) -> dict[str, Any]:
    """Find events of the caller's account in this region; those of IAM and STS are in each."""
    wanted = _wanted(service, call)
    count = int(call.request.get("MaxResults") or _PAGE_SIZE)
    try:
        before = page.start(service, call)
    except InvalidPaginationTokenException as error:
        raise InvalidNextTokenError from error
    if service.history is not None:
        service.history.catch_up()
    if "EventCategory" in call.request:
        return {"Events": []}  # insights, which are not made here
    with service.records.read() as connection:
        found = audit_events.find(connection, wanted, before_id=before, count=count + 1)
    following = found[count - 1].id if len(found) > count else None
    events = [_shown(event) for event in found[:count]]
    return {"Events": events, **page.next_token(service, call, following)}


def _wanted(service: Service, call: Call) -> EventFilter:
    start, end = call.request.get("StartTime"), call.request.get("EndTime")
    if start is not None and end is not None and start > end:
        raise InvalidTimeRangeError
    attributes = call.request.get("LookupAttributes") or []
    if len(attributes) > 1:
        raise InvalidLookupAttributesError
    key, value = "", ""
    if attributes:
        key, value = attributes[0]["AttributeKey"], attributes[0]["AttributeValue"]
        if not value:
            raise InvalidLookupAttributesError
    columns: dict[str, object] = {_COLUMNS[key]: value} if key in _COLUMNS else {}
    if key == "ReadOnly":
        if value not in {"true", "false"}:
            raise InvalidLookupAttributesError("ReadOnly is true or false.")
        columns["read_only"] = value == "true"
    return EventFilter(
        call.caller.account_id,
        service.settings.region,
        start_ms=None if start is None else int(start * 1000),
        end_ms=None if end is None else int(end * 1000),
        columns=columns,
        resource_name=value if key == "ResourceName" else None,
        resource_type=value if key == "ResourceType" else None,
    )


def _shown(event: StoredEvent) -> dict[str, Any]:
    return {
        "EventId": event.event_id,
        "EventName": event.name,
        "ReadOnly": "true" if event.read_only else "false",
        "AccessKeyId": event.access_key_id or None,
        "EventTime": event.time_ms / 1000,
        "EventSource": event.source,
        "Username": event.user_name or None,
        "Resources": [
            {"ResourceType": one.type, "ResourceName": one.name} for one in event.resources
        ],
        "CloudTrailEvent": event.event,
    }
