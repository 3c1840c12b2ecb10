"""Management events of 90 days, as LookupEvents finds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select

from lensmith.domain.audit_event import Resource
from lensmith.store.records.audit_tables import audit_events, audit_positions, audit_resources

_GLOBAL = ("iam.amazonaws.com", "sts.amazonaws.com")  # seen in every region
_REMOVED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class StoredEvent:
    id: int  # grows with time
    event_id: str
    time_ms: int
    source: str
    name: str
    user_name: str
    access_key_id: str
    read_only: bool
    event: str
    resources: tuple[Resource, ...]


@dataclass(frozen=True, slots=True)
class LastUse:
    time_ms: int
    source: str
    region: str


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Restricts a search; None and empty: any."""

    account_id: str
    region: str
    start_ms: int | None = None
    end_ms: int | None = None
    columns: Mapping[str, object] | None = None  # column -> value
    resource_name: str | None = None
    resource_type: str | None = None


def add(connection: Connection, events: Sequence[Mapping[str, Any]]) -> None:
    """Insert events in the form of CloudTrail, without those that are there."""
    ids = [event["eventID"] for event in events]
    known = set(
        connection.scalars(select(audit_events.c.event_id).where(audit_events.c.event_id.in_(ids)))
    )
    for event in events:
        if event["eventID"] in known:
            continue
        inserted = connection.execute(insert(audit_events).values(_row(event)))
        row_id = inserted.inserted_primary_key
        resources = {one["ARN"]: one["type"] for one in event.get("resources") or ()}
        if row_id is not None and resources:
            rows = [
                {"event": row_id[0], "name": name, "type": kind} for name, kind in resources.items()
            ]
            connection.execute(insert(audit_resources), rows)


def find(
    connection: Connection, wanted: EventFilter, *, before_id: int | None, count: int
) -> list[StoredEvent]:
    """Return up to `count` events, the newest first, from those before `before_id`."""
    where = [_matches(wanted)]
    if before_id is not None:
        where.append(audit_events.c.id < before_id)
    query = select(audit_events).where(*where).order_by(audit_events.c.id.desc()).limit(count)
    rows = connection.execute(query).all()
    resources = _resources(connection, [row.id for row in rows])
    return [
        StoredEvent(
            row.id,
            row.event_id,
            row.time_ms,
            row.source,
            row.name,
            row.user_name,
            row.access_key_id,
            row.read_only,
            row.event,
            tuple(resources.get(row.id, ())),
        )
        for row in rows
    ]


def last_use(connection: Connection, account_id: str, access_key_id: str) -> LastUse | None:
    """Return the newest event of a key."""
    table = audit_events.c
    query = (
        select(table.time_ms, table.source, table.region)
        .where(table.account_id == account_id, table.access_key_id == access_key_id)
        .order_by(table.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else LastUse(row.time_ms, row.source, row.region)


def remove_before(connection: Connection, time_ms: int) -> None:
    """Delete older events, the oldest first and not all at once."""
    old = (
        select(audit_events.c.id)
        .where(audit_events.c.time_ms < time_ms)
        .order_by(audit_events.c.id)
        .limit(_REMOVED_AT_ONCE)
    )
    connection.execute(delete(audit_resources).where(audit_resources.c.event.in_(old)))
    connection.execute(delete(audit_events).where(audit_events.c.id.in_(old)))


def position(connection: Connection, file: str) -> int:
    """Return how many bytes of a file the records hold."""
    query = select(audit_positions.c.position).where(audit_positions.c.file == file)
    return connection.execute(query).scalar() or 0


def set_position(connection: Connection, file: str, position: int) -> None:
    connection.execute(delete(audit_positions).where(audit_positions.c.file == file))
    connection.execute(insert(audit_positions).values(file=file, position=position))


def _matches(wanted: EventFilter) -> ColumnElement[bool]:
    table = audit_events.c
    where = [
        table.account_id == wanted.account_id,
        or_(table.region == wanted.region, table.source.in_(_GLOBAL)),
    ]
    if wanted.start_ms is not None:
        where.append(table.time_ms >= wanted.start_ms)
    if wanted.end_ms is not None:
        where.append(table.time_ms <= wanted.end_ms)
    where += [table[name] == value for name, value in (wanted.columns or {}).items()]
    for column, value in (
        (audit_resources.c.name, wanted.resource_name),
        (audit_resources.c.type, wanted.resource_type),
    ):
        if value is not None:
            where.append(table.id.in_(select(audit_resources.c.event).where(column == value)))
    return and_(*where)


def _resources(connection: Connection, ids: Sequence[int]) -> dict[int, list[Resource]]:
    found: dict[int, list[Resource]] = {}
    if ids:
        query = select(audit_resources).where(audit_resources.c.event.in_(ids))
        for row in connection.execute(query):
            found.setdefault(row.event, []).append(Resource(row.type, row.name))
    return found


def _row(event: Mapping[str, Any]) -> dict[str, Any]:
    identity: Mapping[str, Any] = event["userIdentity"]
    at = datetime.fromisoformat(event["eventTime"])
    return {
        "event_id": event["eventID"],
        "time_ms": int(at.timestamp() * 1000),
        "account_id": event["recipientAccountId"][:32],
        "region": event["awsRegion"][:64],
        "source": event["eventSource"],
        "name": event["eventName"],
        "user_name": _user_name(identity)[:128],
        "access_key_id": identity.get("accessKeyId", "")[:128],
        "read_only": event["readOnly"],
        "event": msgspec.json.encode(event).decode(),
    }


def _user_name(identity: Mapping[str, Any]) -> str:
    if identity["type"] == "Root":
        return "root"
    return str(identity.get("arn", "")).rpartition("/")[2]
