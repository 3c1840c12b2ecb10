"""CreateStack, UpdateStack and DeleteStack."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from lensmith.cloudformation.plan import compare, is_same
from lensmith.domain.clock import now_ms
from lensmith.domain.job import JobKind
from lensmith.domain.stack import UPDATABLE, Definition, OnFailure, Stack, StackStatus
from lensmith.domain.stack_errors import StackExistsError, StackValidationError
from lensmith.operations.call import Call, Service
from lensmith.operations.cloudformation.definition import on_failure_of, refuse_unserved, wanted
from lensmith.operations.cloudformation.named import changing, viewing
from lensmith.store.records import change_sets, jobs, stack_events, stacks

NO_UPDATES = "No updates are to be performed."
USER_INITIATED = "User Initiated"


def create_stack(service: Service, call: Call) -> dict[str, Any]:
    refuse_unserved(call.request)
    name, on_failure = call.request["StackName"], on_failure_of(call.request)
    definition, template = wanted(service, call, None)
    with changing(service, call) as own:
        if own.find(name) is not None:
            raise StackExistsError(f"Stack [{name}] already exists")
        stack = stacks.create(
            own.connection,
            own.account_id,
            own.region,
            name,
            StackStatus.CREATE_IN_PROGRESS,
            description=template.description,
            capabilities=call.request.get("Capabilities") or [],
        )
        compare(stack, template, definition, {})  # raises for names without a value
        begin_creation(own.connection, call, stack, definition, on_failure)
    service.wake_jobs()
    return {"StackId": stack.arn}


def update_stack(service: Service, call: Call) -> dict[str, Any]:
    refuse_unserved(call.request)
    if call.request.get("DisableRollback"):
        raise StackValidationError("Not supported by this server: DisableRollback of updates.")
    name = call.request["StackName"]
    with viewing(service, call) as own:
        found = own.find(name)
    previous = found.definition if found is not None else None
    if found is None:
        raise StackValidationError(f"Stack [{name}] does not exist")
    definition, template = wanted(service, call, previous)
    with changing(service, call) as own:
        stack = own.stack(name)
        refuse_busy(stack)
        resources = stacks.resources(own.connection, stack.id)
        if not compare(stack, template, definition, resources) and is_same(
            stack, template, definition, resources
        ):
            raise StackValidationError(NO_UPDATES)
        begin_update(own.connection, call, stack, definition)
        stacks.change(
            own.connection,
            stack.id,
            capabilities=call.request.get("Capabilities") or stack.capabilities,
        )
    service.wake_jobs()
    return {"StackId": stack.arn}


def delete_stack(service: Service, call: Call) -> dict[str, Any]:
    """Begin to delete a stack; one that does not exist is deleted already."""
    refuse_unserved(call.request)
    retained = call.request.get("RetainResources") or []
    with changing(service, call) as own:
        stack = own.find(call.request["StackName"])
        if stack is None or stack.status in {
            StackStatus.DELETE_IN_PROGRESS,
            StackStatus.DELETE_COMPLETE,
        }:
            return {}
        is_review = stack.status is StackStatus.REVIEW_IN_PROGRESS
        if stack.status.value.endswith("_IN_PROGRESS") and not is_review:
            raise StackValidationError(
                f"Stack [{stack.arn}] cannot be deleted while in status {stack.status.value}"
            )
        if retained and stack.status is not StackStatus.DELETE_FAILED:
            raise StackValidationError(
                "Invalid operation on stack: specify resources to retain only when the stack is "
                "in the DELETE_FAILED state."
            )
        present = stacks.resources(own.connection, stack.id)
        unknown = [name for name in retained if name not in present]
        if unknown:
            raise StackValidationError(f"Resources to retain are unknown: {', '.join(unknown)}")
        stack_events.enter(
            own.connection,
            stack,
            StackStatus.DELETE_IN_PROGRESS,
            USER_INITIATED,
            retained=retained,
            token=call.request.get("ClientRequestToken"),
        )
        _enqueue(own.connection, call, stack)
    service.wake_jobs()
    return {}


def refuse_busy(stack: Stack) -> None:
    """Raise StackValidationError unless a stack can be updated."""
    if stack.status not in UPDATABLE:
        raise StackValidationError(
            f"Stack:{stack.arn} is in {stack.status.value} state and can not be updated."
        )


def begin_creation(
    connection: Connection,
    call: Call,
    stack: Stack,
    definition: Definition,
    on_failure: OnFailure,
    **values: Any,
) -> None:
    """Queue the creation of a stack's resources."""
    stack_events.enter(
        connection,
        stack,
        StackStatus.CREATE_IN_PROGRESS,
        USER_INITIATED,
        target=definition,
        on_failure=on_failure,
        token=call.request.get("ClientRequestToken"),
        **values,
    )
    _enqueue(connection, call, stack)


def begin_update(
    connection: Connection, call: Call, stack: Stack, definition: Definition, **values: Any
) -> None:
    """Queue an update; change sets that were made before describe a state that goes."""
    change_sets.remove_others(connection, stack, values.get("change_set_arn"))
    stack_events.enter(
        connection,
        stack,
        StackStatus.UPDATE_IN_PROGRESS,
        USER_INITIATED,
        target=definition,
        updated_ms=now_ms(),
        token=call.request.get("ClientRequestToken"),
        **values,
    )
    _enqueue(connection, call, stack)


def _enqueue(connection: Connection, call: Call, stack: Stack) -> None:
    jobs.enqueue(connection, JobKind.CHANGE_STACK, stack.arn, call.caller)
