"""Change sets: made, described, listed, executed, deleted."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import IntegrityError

from lensmith.cloudformation.parameters import shown
from lensmith.cloudformation.plan import compare, is_same
from lensmith.cloudformation.template import template_of
from lensmith.domain.stack import ChangeSet, Definition, OnFailure, Stack, StackStatus
from lensmith.domain.stack_errors import (
    InvalidChangeSetStatusError,
    StackExistsError,
    StackValidationError,
)
from lensmith.operations.call import Call, Service
from lensmith.operations.cloudformation.definition import on_failure_of, refuse_unserved, wanted
from lensmith.operations.cloudformation.named import OwnStacks, changing, viewing
from lensmith.operations.cloudformation.stacks import begin_creation, begin_update, refuse_busy
from lensmith.store.records import change_sets, stack_events, stacks

_CREATE, _UPDATE = "CREATE", "UPDATE"
_EMPTY = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)


def create_change_set(service: Service, call: Call) -> dict[str, Any]:
    """Compare a stack with a template; the change set is complete at once."""
    refuse_unserved(call.request)
    kind = call.request.get("ChangeSetType") or _UPDATE
    if kind not in {_CREATE, _UPDATE}:
        raise StackValidationError(f"Not supported by this server: ChangeSetType {kind}.")
    name = call.request["ChangeSetName"]
    previous = _previous(service, call, kind)
    definition, template = wanted(service, call, previous)
    try:
        with changing(service, call) as own:
            stack = _stack_of(own, call, kind)
            resources = stacks.resources(own.connection, stack.id)
            changes = compare(stack, template, definition, resources)
            is_empty = (
                kind == _UPDATE and not changes and is_same(stack, template, definition, resources)
            )
            made = change_sets.create(
                own.connection,
                stack,
                name,
                type=kind,
                description=call.request.get("Description"),
                status="FAILED" if is_empty else "CREATE_COMPLETE",
                reason=_EMPTY if is_empty else None,
                execution="UNAVAILABLE" if is_empty else "AVAILABLE",
                definition=definition,
                changes=[each.described() for each in changes],
                capabilities=call.request.get("Capabilities") or [],
                on_failure=on_failure_of(call.request),
            )
    except IntegrityError as error:
        raise StackExistsError(f"ChangeSet {name} cannot be created: it already exists") from error
    return {"Id": made.arn, "StackId": stack.arn}


def describe_change_set(service: Service, call: Call) -> dict[str, Any]:
    with viewing(service, call) as own:
        stack, found = own.change_set(call)
    template = template_of(found.definition.document)
    return {
        **_summary(stack, found),
        "Parameters": shown(template, found.definition.parameters),
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "Capabilities": found.capabilities,
        "Tags": _listed(found.definition),
        "Changes": found.changes,
        "OnStackFailure": found.on_failure.value if found.type == _CREATE else None,
    }


def list_change_sets(service: Service, call: Call) -> dict[str, Any]:
    with viewing(service, call) as own:
        stack = own.stack(call.request["StackName"])
        found = change_sets.of_stack(own.connection, stack)
    return {"Summaries": [_summary(stack, each) for each in found]}


def execute_change_set(service: Service, call: Call) -> dict[str, Any]:
    refuse_unserved(call.request)
    with changing(service, call) as own:
        stack, found = own.change_set(call)
        if found.execution != "AVAILABLE":
            raise InvalidChangeSetStatusError(
                f"ChangeSet [{found.arn}] cannot be executed in its current execution status of "
                f"[{found.execution}]"
            )
        change_sets.set_execution(own.connection, found.arn, "EXECUTE_COMPLETE")
        stacks.change(own.connection, stack.id, capabilities=found.capabilities)
        if stack.status is StackStatus.REVIEW_IN_PROGRESS:
            without = call.request.get("DisableRollback")
            on_failure = OnFailure.DO_NOTHING if without else found.on_failure
            begin_creation(
                own.connection,
                call,
                stack,
                found.definition,
                on_failure,
                change_set_arn=found.arn,
            )
            change_sets.remove_others(own.connection, stack, found.arn)
        else:
            _execute_update(own, call, stack, found)
    service.wake_jobs()
    return {}


def delete_change_set(service: Service, call: Call) -> dict[str, Any]:
    with changing(service, call) as own:
        _, found = own.change_set(call)
        change_sets.remove(own.connection, found.arn)
    return {}


def _execute_update(own: OwnStacks, call: Call, stack: Stack, found: ChangeSet) -> None:
    if call.request.get("DisableRollback"):
        raise StackValidationError("Not supported by this server: DisableRollback of updates.")
    refuse_busy(stack)
    begin_update(own.connection, call, stack, found.definition, change_set_arn=found.arn)


def _previous(service: Service, call: Call, kind: str) -> Definition | None:
    name = call.request["StackName"]
    with viewing(service, call) as own:
        found = own.find(name)
    if kind == _CREATE:
        return None
    if found is None:
        raise StackValidationError(f"Stack [{name}] does not exist")
    return found.definition


def _stack_of(own: OwnStacks, call: Call, kind: str) -> Stack:
    """Find the stack that a change set is for; one that is to be created is under review."""
    name = call.request["StackName"]
    found = own.find(name)
    if kind == _UPDATE:
        stack = found if found is not None else own.stack(name)
        refuse_busy(stack)
        return stack
    if found is not None:
        if found.status is not StackStatus.REVIEW_IN_PROGRESS:
            raise StackValidationError(
                f"Stack [{name}] already exists and cannot be created again with the changeSet "
                f"[{call.request['ChangeSetName']}]."
            )
        return found
    status = StackStatus.REVIEW_IN_PROGRESS
    stack = stacks.create(own.connection, own.account_id, own.region, name, status)
    return stack_events.enter(own.connection, stack, status, "User Initiated")


def _summary(stack: Stack, found: ChangeSet) -> dict[str, Any]:
    return {
        "ChangeSetName": found.name,
        "ChangeSetId": found.arn,
        "StackId": stack.arn,
        "StackName": stack.name,
        "Description": found.description,
        "CreationTime": found.created_ms / 1000,
        "ExecutionStatus": found.execution,
        "Status": found.status,
        "StatusReason": found.reason,
        "IncludeNestedStacks": False,
    }


def _listed(definition: Definition) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in definition.tags.items()]
