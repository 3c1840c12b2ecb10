"""Rows of stacks and of their resources."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from lensmith.domain.clock import now_ms
from lensmith.domain.stack import (
    Definition,
    OnFailure,
    Resource,
    Stack,
    StackStatus,
)
from lensmith.store.records.stack_tables import stack_resources, stacks

# Built once: building a statement takes longer than running it.
_BY_NAME = select(stacks).where(
    stacks.c.account_id == bindparam("account"),
    stacks.c.region == bindparam("region"),
    or_(stacks.c.live_name == bindparam("name"), stacks.c.arn == bindparam("name")),
)


def arn_of(region: str, account_id: str, name: str) -> str:
    """Make the ARN of a new stack."""
    return f"arn:aws:cloudformation:{region}:{account_id}:stack/{name}/{uuid.uuid4()}"


def create(
    connection: Connection,
    account_id: str,
    region: str,
    name: str,
    status: StackStatus,
    **values: Any,
) -> Stack:
    """Add a stack; raises sqlalchemy.exc.IntegrityError when the name is taken."""
    given = {
        "definition": Definition(""),
        "outputs": [],
        "capabilities": [],
        "on_failure": OnFailure.ROLLBACK,
        "retained": [],
        "created_ms": now_ms(),
    } | values
    arn = arn_of(region, account_id, name)
    connection.execute(
        insert(stacks).values(
            arn=arn,
            account_id=account_id,
            region=region,
            name=name,
            live_name=name,
            status=status.value,
            **msgspec.to_builtins(given),
        )
    )
    found = find_by_arn(connection, arn)
    assert found is not None
    return found


def find(connection: Connection, account_id: str, region: str, name: str) -> Stack | None:
    """Find a stack by its name, or, a deleted one too, by its ARN."""
    given = {"account": account_id, "region": region, "name": name}
    row = connection.execute(_BY_NAME, given).one_or_none()
    return None if row is None else _stack(row)


def find_by_arn(connection: Connection, arn: str) -> Stack | None:
    row = connection.execute(select(stacks).where(stacks.c.arn == arn)).one_or_none()
    return None if row is None else _stack(row)


def lock(connection: Connection, stack_id: int) -> None:
    """Lock a stack's row until this transaction ends; other lockers wait."""
    connection.execute(select(stacks.c.id).where(stacks.c.id == stack_id).with_for_update())


def page(
    connection: Connection,
    account_id: str,
    region: str,
    *,
    statuses: Sequence[str] = (),
    with_deleted: bool = False,
    before_id: int | None = None,
    limit: int,
) -> list[Stack]:
    """Return stacks, newest first, below the row `before_id`; empty `statuses` means all."""
    query = select(stacks).where(stacks.c.account_id == account_id, stacks.c.region == region)
    if not with_deleted:
        query = query.where(stacks.c.live_name.is_not(None))
    if statuses:
        query = query.where(stacks.c.status.in_(list(statuses)))
    if before_id is not None:
        query = query.where(stacks.c.id < before_id)
    return [
        _stack(row) for row in connection.execute(query.order_by(stacks.c.id.desc()).limit(limit))
    ]


def change(connection: Connection, stack_id: int, **values: Any) -> None:
    built: Mapping[str, Any] = msgspec.to_builtins(values)
    connection.execute(update(stacks).where(stacks.c.id == stack_id).values(**built))


def resources(connection: Connection, stack_id: int) -> dict[str, Resource]:
    """Return the resources of a stack by logical id."""
    query = (
        select(stack_resources)
        .where(stack_resources.c.stack_id == stack_id)
        .order_by(stack_resources.c.logical_id)
    )
    return {row.logical_id: _resource(row) for row in connection.execute(query)}


def put_resource(connection: Connection, stack_id: int, resource: Resource) -> None:
    """Add a resource, or replace the row of its logical id."""
    remove_resource(connection, stack_id, resource.logical_id)
    connection.execute(
        insert(stack_resources).values(stack_id=stack_id, **msgspec.to_builtins(resource))
    )


def remove_resource(connection: Connection, stack_id: int, logical_id: str) -> None:
    connection.execute(
        delete(stack_resources).where(
            stack_resources.c.stack_id == stack_id, stack_resources.c.logical_id == logical_id
        )
    )


def owners_of_physical(
    connection: Connection, account_id: str, region: str, physical_id: str
) -> list[str]:
    """Return the ARNs of the stacks that hold a resource of that physical id."""
    query = (
        select(stacks.c.arn)
        .join(stack_resources, stack_resources.c.stack_id == stacks.c.id)
        .where(
            stacks.c.account_id == account_id,
            stacks.c.region == region,
            stack_resources.c.physical_id == physical_id,
        )
    )
    return list(connection.scalars(query))


def _stack(row: Any) -> Stack:
    given = {str(name): value for name, value in row._mapping.items() if name != "live_name"}
    return msgspec.convert(given, Stack)


def _resource(row: Any) -> Resource:
    given = {str(name): value for name, value in row._mapping.items() if name != "stack_id"}
    return msgspec.convert(given, Resource)
