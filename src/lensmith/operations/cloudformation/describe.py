"""Describes and lists stacks, their resources and events."""

from __future__ import annotations

from typing import Any

from lensmith.cloudformation.parameters import shown
from lensmith.cloudformation.template import template_of
from lensmith.domain.stack import OnFailure, Resource, Stack, StackEvent
from lensmith.domain.stack_errors import StackValidationError
from lensmith.operations.call import Call, Service
from lensmith.operations.cloudformation.named import OwnStacks, paged, viewing
from lensmith.store.records import stack_events, stacks

_DRIFT = {"StackDriftStatus": "NOT_CHECKED"}
_RESOURCE_DRIFT = {"StackResourceDriftStatus": "NOT_CHECKED"}


def describe_stacks(service: Service, call: Call) -> dict[str, Any]:
    name = call.request.get("StackName")
    with viewing(service, call) as own:
        if name:
            return {"Stacks": [_stack(own.stack(name))]}
        found, token = paged(
            service,
            call,
            lambda before, limit: stacks.page(
                own.connection, own.account_id, own.region, before_id=before, limit=limit
            ),
            lambda stack: stack.id,
        )
    return {"Stacks": [_stack(each) for each in found], **token}


def list_stacks(service: Service, call: Call) -> dict[str, Any]:
    statuses = call.request.get("StackStatusFilter") or ()
    with viewing(service, call) as own:
        found, token = paged(
            service,
            call,
            lambda before, limit: stacks.page(
                own.connection,
                own.account_id,
                own.region,
                statuses=statuses,
                with_deleted=True,
                before_id=before,
                limit=limit,
            ),
            lambda stack: stack.id,
        )
    return {"StackSummaries": [_summary(each) for each in found], **token}


def describe_stack_events(service: Service, call: Call) -> dict[str, Any]:
    """List events, the newest first."""
    with viewing(service, call) as own:
        stack = _existing(own, call)
        found, token = paged(
            service,
            call,
            lambda before, limit: stack_events.page(
                own.connection, stack, before=before, limit=limit
            ),
            lambda event: event.number,
        )
    return {"StackEvents": [_event(stack, each) for each in found], **token}


def describe_stack_resources(service: Service, call: Call) -> dict[str, Any]:
    name, physical_id = call.request.get("StackName"), call.request.get("PhysicalResourceId")
    if bool(name) == bool(physical_id):
        raise StackValidationError("Specify either StackName or PhysicalResourceId.")
    logical_id = call.request.get("LogicalResourceId")
    with viewing(service, call) as own:
        stack = own.stack(name) if name else _holding(own, physical_id or "")
        found = stacks.resources(own.connection, stack.id)
    chosen = [one for one in found.values() if logical_id in {None, one.logical_id}]
    return {
        "StackResources": [
            {**_of_stack(stack), **_resource(each), "Timestamp": each.changed_ms / 1000}
            for each in chosen
        ]
    }


def describe_stack_resource(service: Service, call: Call) -> dict[str, Any]:
    logical_id = call.request["LogicalResourceId"]
    with viewing(service, call) as own:
        stack = _existing(own, call)
        found = stacks.resources(own.connection, stack.id).get(logical_id)
    if found is None:
        raise StackValidationError(f"Resource {logical_id} does not exist for stack {stack.name}")
    described = {**_of_stack(stack), **_resource(found)}
    return {"StackResourceDetail": {**described, "LastUpdatedTimestamp": found.changed_ms / 1000}}


def list_stack_resources(service: Service, call: Call) -> dict[str, Any]:
    with viewing(service, call) as own:
        stack = _existing(own, call)
        found = stacks.resources(own.connection, stack.id)
    return {
        "StackResourceSummaries": [
            {**_resource(each), "LastUpdatedTimestamp": each.changed_ms / 1000}
            for each in found.values()
        ]
    }


def _existing(own: OwnStacks, call: Call) -> Stack:
    """Find the stack of a request; raises StackValidationError."""
    name = call.request["StackName"]
    found = own.find(name)
    if found is None:
        raise StackValidationError(f"Stack [{name}] does not exist")
    return found


def _holding(own: OwnStacks, physical_id: str) -> Stack:
    arns = stacks.owners_of_physical(own.connection, own.account_id, own.region, physical_id)
    if not arns:
        raise StackValidationError(f"Stack for {physical_id} does not exist")
    return own.stack(arns[-1])


def _stack(stack: Stack) -> dict[str, Any]:
    definition = stack.definition if stack.definition.document else stack.target
    parameters = []
    if definition is not None and definition.document:
        parameters = shown(template_of(definition.document), definition.parameters)
    return {
        **_of_stack(stack),
        "ChangeSetId": stack.change_set_arn,
        "Description": stack.description,
        "Parameters": parameters,
        "CreationTime": stack.created_ms / 1000,
        "DeletionTime": _seconds(stack.deleted_ms),
        "LastUpdatedTime": _seconds(stack.updated_ms),
        "RollbackConfiguration": {},
        "StackStatus": stack.status.value,
        "StackStatusReason": stack.reason,
        "DisableRollback": stack.on_failure is OnFailure.DO_NOTHING,
        "NotificationARNs": [],
        "Capabilities": stack.capabilities,
        "Outputs": stack.outputs,
        "Tags": [
            {"Key": key, "Value": value}
            for key, value in (definition.tags if definition is not None else {}).items()
        ],
        "EnableTerminationProtection": False,
        "DriftInformation": _DRIFT,
    }


def _summary(stack: Stack) -> dict[str, Any]:
    return {
        **_of_stack(stack),
        "TemplateDescription": stack.description,
        "CreationTime": stack.created_ms / 1000,
        "LastUpdatedTime": _seconds(stack.updated_ms),
        "DeletionTime": _seconds(stack.deleted_ms),
        "StackStatus": stack.status.value,
        "StackStatusReason": stack.reason,
        "DriftInformation": _DRIFT,
    }


def _event(stack: Stack, event: StackEvent) -> dict[str, Any]:
    return {
        **_of_stack(stack),
        "EventId": event.event_id,
        "LogicalResourceId": event.logical_id,
        "PhysicalResourceId": event.physical_id,
        "ResourceType": event.type,
        "Timestamp": event.time_ms / 1000,
        "ResourceStatus": event.status,
        "ResourceStatusReason": event.reason,
        "ResourceProperties": event.properties,
        "ClientRequestToken": event.token,
    }


def _resource(resource: Resource) -> dict[str, Any]:
    return {
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id,
        "ResourceType": resource.type,
        "ResourceStatus": resource.status.value,
        "ResourceStatusReason": resource.reason,
        "DriftInformation": _RESOURCE_DRIFT,
    }


def _of_stack(stack: Stack) -> dict[str, Any]:
    return {"StackId": stack.arn, "StackName": stack.name}


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
