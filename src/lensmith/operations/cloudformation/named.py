"""Finds the stacks and change sets that requests name, and pages of listings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from lensmith.domain.errors import InvalidPaginationTokenException
from lensmith.domain.stack import ChangeSet, Stack
from lensmith.domain.stack_errors import ChangeSetNotFoundError, StackValidationError
from lensmith.operations import page
from lensmith.operations.call import Call, Service
from lensmith.store.records import accounts, change_sets, stacks

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OwnStacks:
    """The stacks of the caller's account in the region, in one transaction."""

    connection: Connection
    account_id: str
    region: str
    locks: bool

    def find(self, name: str) -> Stack | None:
        """Find by name or ARN, locked if this is a change."""
        found = stacks.find(self.connection, self.account_id, self.region, name)
        if found is not None and self.locks:
            stacks.lock(self.connection, found.id)
            found = stacks.find(self.connection, self.account_id, self.region, name)
        return found

    def stack(self, name: str) -> Stack:
        """Find by name or ARN; raises StackValidationError."""
        found = self.find(name)
        if found is None:
            raise StackValidationError(f"Stack with id {name} does not exist")
        return found

    def change_set(self, call: Call) -> tuple[Stack, ChangeSet]:
        """Find the change set of a request; raises ChangeSetNotFoundError."""
        name, stack_name = call.request["ChangeSetName"], call.request.get("StackName")
        if not name.startswith("arn:"):
            if not stack_name:
                raise StackValidationError(
                    "StackName must be specified if ChangeSetName is no ARN."
                )
            stack = self.stack(stack_name)
            found = change_sets.find(self.connection, stack, name)
        else:
            found = change_sets.find_by_arn(self.connection, name)
            owner = self.find(found.stack_arn) if found is not None else None
            named = self.find(stack_name) if stack_name else owner
            if owner is None or named is None or named.id != owner.id:
                raise ChangeSetNotFoundError(f"ChangeSet [{name}] does not exist")
            stack = owner
        if found is None:
            raise ChangeSetNotFoundError(f"ChangeSet [{name}] does not exist")
        return stack, found


@contextmanager
def viewing(service: Service, call: Call) -> Iterator[OwnStacks]:
    """Open a read of the caller's stacks."""
    with service.records.read() as connection:
        yield OwnStacks(connection, call.caller.account_id, service.settings.region, locks=False)


@contextmanager
def changing(service: Service, call: Call) -> Iterator[OwnStacks]:
    """Open a write transaction on the caller's stacks."""
    with service.records.write() as connection:
        accounts.lock(connection, call.caller.account_id)
        yield OwnStacks(connection, call.caller.account_id, service.settings.region, locks=True)


def paged(
    service: Service,
    call: Call,
    read: Callable[[int | None, int], list[T]],
    position: Callable[[T], int],
) -> tuple[list[T], dict[str, Any]]:
    """Return a page of what `read(before, limit)` finds, and its NextToken if more follows.

    Raises StackValidationError for a token that is not of this listing.
    """
    try:
        before = page.start(service, call)
    except InvalidPaginationTokenException as error:
        raise StackValidationError("NextToken is not valid.") from error
    found = read(before, page.PAGE_SIZE + 1)
    shown = found[: page.PAGE_SIZE]
    last = position(shown[-1]) if len(found) > page.PAGE_SIZE else None
    return shown, page.next_token(service, call, last)
