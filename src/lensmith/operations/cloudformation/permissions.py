"""Permissions that CloudFormation's operations need: their own action on the stack's ARN.

What an operation changes is judged when it is carried out, by the caller's rights then.
"""

from __future__ import annotations

from sqlalchemy import Connection

from lensmith.domain.errors import AccessDeniedException
from lensmith.domain.stack import Stack
from lensmith.operations.call import Call, Permission, Service
from lensmith.store.records import change_sets, stacks


def on_everything(_: Service, call: Call) -> list[Permission]:
    """Need the operation's own action, which has no resource type."""
    return [Permission(_action(call), "*", {}, {})]


def on_stack(service: Service, call: Call) -> list[Permission]:
    """Need the action on the stack that the request names: itself, a change set, or a resource.

    Raises AccessDeniedException, as for a stack that the caller may not see, where a change set or
    a resource that is named alone is not there.
    """
    request = call.request
    name = request.get("StackName")
    change_set, physical_id = request.get("ChangeSetName"), request.get("PhysicalResourceId")
    owner = (call.caller.account_id, service.settings.region)
    found: Stack | None = None
    if change_set and change_set.startswith("arn:"):
        found = service.records.read_cached(_of_change_set, (*owner, change_set))
    if found is None and name:
        found = service.records.read_cached(_named, (*owner, name))
    if found is None and not name and physical_id:
        found = service.records.read_cached(_holding, (*owner, physical_id))
    shown = name or change_set or physical_id
    if found is None and not name and shown:
        raise AccessDeniedException(
            f"User: {call.caller.arn} is not authorized to perform: {_action(call)} "
            f"on resource: {shown}"
        )
    if found is None and not name:
        return on_everything(service, call)
    tags = {one["Key"]: one["Value"] for one in request.get("Tags") or () if len(one) > 1}
    context = {"cloudformation:changesetname": (change_set,)} if change_set else {}
    return [
        Permission(
            _action(call),
            found.arn if found is not None else _arn(*owner, name or ""),
            found.definition.tags if found is not None else {},
            tags,
            context=context,
            shown=shown or "*",
        )
    ]


def _named(connection: Connection, key: tuple[str, str, str]) -> Stack | None:
    return stacks.find(connection, *key)


def _of_change_set(connection: Connection, key: tuple[str, str, str]) -> Stack | None:
    account_id, region, arn = key
    found = change_sets.find_by_arn(connection, arn)
    return None if found is None else stacks.find(connection, account_id, region, found.stack_arn)


def _holding(connection: Connection, key: tuple[str, str, str]) -> Stack | None:
    """Find the stack that holds a resource, of several the last, as the operation does."""
    account_id, region, physical_id = key
    arns = stacks.owners_of_physical(connection, account_id, region, physical_id)
    return stacks.find(connection, account_id, region, arns[-1]) if arns else None


def _arn(account_id: str, region: str, name: str) -> str:
    if name.startswith("arn:"):
        return name
    return f"arn:aws:cloudformation:{region}:{account_id}:stack/{name}/*"


def _action(call: Call) -> str:
    return f"cloudformation:{call.operation}"
