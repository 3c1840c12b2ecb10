"""Rows of change sets."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from lensmith.domain.clock import now_ms
from lensmith.domain.stack import ChangeSet, Stack
from lensmith.store.records.stack_tables import change_sets


def create(connection: Connection, stack: Stack, name: str, **values: Any) -> ChangeSet:
    """Add a change set; raises sqlalchemy.exc.IntegrityError when the stack has one of the name."""
    owner = f"{stack.region}:{stack.account_id}"
    arn = f"arn:aws:cloudformation:{owner}:changeSet/{name}/{uuid.uuid4()}"
    built: dict[str, Any] = msgspec.to_builtins(values)
    connection.execute(
        insert(change_sets).values(
            arn=arn, stack_arn=stack.arn, name=name, created_ms=now_ms(), **built
        )
    )
    found = find_by_arn(connection, arn)
    assert found is not None
    return found


def find(connection: Connection, stack: Stack, name: str) -> ChangeSet | None:
    """Find a change set of a stack by its name."""
    query = select(change_sets).where(
        change_sets.c.stack_arn == stack.arn, change_sets.c.name == name
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _change_set(row)


def find_by_arn(connection: Connection, arn: str) -> ChangeSet | None:
    row = connection.execute(select(change_sets).where(change_sets.c.arn == arn)).one_or_none()
    return None if row is None else _change_set(row)


def of_stack(connection: Connection, stack: Stack) -> list[ChangeSet]:
    query = select(change_sets).where(change_sets.c.stack_arn == stack.arn)
    rows = connection.execute(query.order_by(change_sets.c.id.desc()))
    return [_change_set(row) for row in rows]


def set_execution(connection: Connection, arn: str, execution: str) -> None:
    connection.execute(
        update(change_sets).where(change_sets.c.arn == arn).values(execution=execution)
    )


def remove(connection: Connection, arn: str) -> None:
    connection.execute(delete(change_sets).where(change_sets.c.arn == arn))


def remove_others(connection: Connection, stack: Stack, kept: str | None) -> None:
    """Delete the change sets of a stack but one; they describe a state that is gone."""
    query = delete(change_sets).where(change_sets.c.stack_arn == stack.arn)
    connection.execute(query.where(change_sets.c.arn != kept) if kept is not None else query)


def _change_set(row: Any) -> ChangeSet:
    given = {str(name): value for name, value in row._mapping.items()}
    return msgspec.convert(given, ChangeSet)
