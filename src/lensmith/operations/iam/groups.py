"""Groups and their members."""

from __future__ import annotations

from typing import Any

from lensmith.domain.identity_errors import (
    DeleteConflictError,
    EntityAlreadyExistsError,
    NoSuchEntityError,
)
from lensmith.operations.call import Call, Service
from lensmith.operations.iam.entities import (
    USER,
    group_answer,
    group_named,
    page,
    principal_named,
    user_answer,
)
from lensmith.store.records import groups, managed_policies, principals


def create_group(service: Service, call: Call) -> dict[str, Any]:
    account_id, name = call.caller.account_id, call.request["GroupName"]
    with service.records.write() as connection:
        if groups.find(connection, account_id, name) is not None:
            raise EntityAlreadyExistsError(f"Group with name {name} already exists.")
        group = groups.create(connection, account_id, name, call.request.get("Path", "/"))
    return {"Group": group_answer(group)}


def get_group(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        group = group_named(connection, call)
        arns = groups.member_arns(connection, group.arn)
        members = [principals.find_by_arn(connection, arn) for arn in arns]
    found = [{**user_answer(member), "Tags": None} for member in members if member is not None]
    return {"Group": group_answer(group), **page(call, "Users", found)}


def list_groups(service: Service, call: Call) -> dict[str, Any]:
    prefix = call.request.get("PathPrefix", "/")
    with service.records.read() as connection:
        found = groups.list_all(connection, call.caller.account_id, prefix)
    return page(call, "Groups", [group_answer(group) for group in found])


def list_groups_for_user(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        user = principal_named(connection, call, USER)
        found = groups.of_user(connection, user.arn)
    return page(call, "Groups", [group_answer(group) for group in found])


def update_group(service: Service, call: Call) -> dict[str, Any]:
    account_id = call.caller.account_id
    with service.records.write() as connection:
        group = group_named(connection, call)
        name = call.request.get("NewGroupName", group.name)
        taken = groups.find(connection, account_id, name)
        if taken is not None and taken.arn != group.arn:
            raise EntityAlreadyExistsError(f"Group with name {name} already exists.")
        groups.rename(connection, group, name, call.request.get("NewPath", group.path))
    return {}


def delete_group(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        group = group_named(connection, call)
        if groups.member_arns(connection, group.arn):
            raise DeleteConflictError("Cannot delete entity, must remove users from group first.")
        if group.policies or managed_policies.attached_arns(connection, group.arn):
            raise DeleteConflictError("Cannot delete entity, must remove its policies first.")
        groups.remove(connection, group.arn)
    return {}


def add_user_to_group(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        group, user = group_named(connection, call), principal_named(connection, call, USER)
        groups.add_member(connection, group.arn, user.arn)
    return {}


def remove_user_from_group(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        group, user = group_named(connection, call), principal_named(connection, call, USER)
        if not groups.remove_member(connection, group.arn, user.arn):
            raise NoSuchEntityError(f"User {user.name} is not in group {group.name}.")
    return {}
