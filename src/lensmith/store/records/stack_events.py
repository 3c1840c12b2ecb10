"""Rows of the events of stacks."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from lensmith.domain.clock import now_ms
from lensmith.domain.stack import STACK_TYPE, Resource, Stack, StackEvent, StackStatus
from lensmith.store.records import stacks
from lensmith.store.records.stack_tables import stack_events


def enter(
    connection: Connection,
    stack: Stack,
    status: StackStatus,
    reason: str | None = None,
    **values: Any,
) -> Stack:
    """Put a stack into a status, with an event; returns it as it is then."""
    stacks.change(connection, stack.id, status=status, reason=reason, **values)
    found = stacks.find_by_arn(connection, stack.arn)
    assert found is not None
    _add(connection, found, stack.name, stack.arn, STACK_TYPE, status.value, reason)
    return found


def of_resource(connection: Connection, stack: Stack, resource: Resource) -> None:
    """Record a resource with its status, as a row and as an event."""
    stacks.put_resource(connection, stack.id, resource)
    only_event(connection, stack, resource)


def only_event(connection: Connection, stack: Stack, resource: Resource) -> None:
    _add(
        connection,
        stack,
        resource.logical_id,
        resource.physical_id,
        resource.type,
        resource.status.value,
        resource.reason,
        msgspec.json.encode(resource.properties).decode(),
    )


def page(
    connection: Connection, stack: Stack, *, before: int | None, limit: int
) -> list[StackEvent]:
    """Return events, the newest first."""
    query = select(stack_events).where(stack_events.c.stack_id == stack.id)
    if before is not None:
        query = query.where(stack_events.c.number < before)
    rows = connection.execute(query.order_by(stack_events.c.number.desc()).limit(limit))
    return [
        StackEvent(
            **{str(name): value for name, value in row._mapping.items() if name != "stack_id"}
        )
        for row in rows
    ]


def _add(
    connection: Connection,
    stack: Stack,
    logical_id: str,
    physical_id: str,
    kind: str,
    status: str,
    reason: str | None,
    properties: str | None = None,
) -> None:
    is_stack = kind == STACK_TYPE
    event_id = str(uuid.uuid4()) if is_stack else f"{logical_id}-{status}-{uuid.uuid4()}"
    connection.execute(
        insert(stack_events).values(
            stack_id=stack.id,
            event_id=event_id,
            logical_id=logical_id,
            physical_id=physical_id,
            type=kind,
            status=status,
            reason=reason,
            properties=properties,
            token=stack.token,
            time_ms=now_ms(),
        )
    )
