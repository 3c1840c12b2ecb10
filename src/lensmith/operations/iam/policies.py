"""Managed policies and their versions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from lensmith.domain.identity_errors import (
    DeleteConflictError,
    EntityAlreadyExistsError,
    IdentityLimitExceededError,
    InvalidInputError,
    NoSuchEntityError,
)
from lensmith.operations.call import Call, Service
from lensmith.operations.iam.entities import (
    attachable,
    document,
    encoded,
    page,
    tag_list,
    tagged,
    tags,
    untagged,
)
from lensmith.store.records import accounts, groups, managed_policies, principals
from lensmith.store.records.managed_policies import ManagedPolicy, PolicyVersion
from lensmith.store.records.principals import PrincipalKind, arn_of

_VERSIONS = 5


def create_policy(service: Service, call: Call) -> dict[str, Any]:
    given, account_id = call.request, call.caller.account_id
    written = document(given["PolicyDocument"])
    path = given.get("Path", "/")
    with service.records.write() as connection:
        arn = arn_of(account_id, "policy", given["PolicyName"], path)
        if managed_policies.find(connection, arn) is not None:
            raise EntityAlreadyExistsError(
                f"A policy called {given['PolicyName']} already exists. Duplicate names are not "
                "allowed."
            )
        policy = managed_policies.create(
            connection,
            account_id,
            given["PolicyName"],
            written,
            path=path,
            description=given.get("Description", ""),
            tags=tags(given.get("Tags")),
        )
        return {"Policy": _answer(connection, call, policy)}


def get_policy(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        return {"Policy": _answer(connection, call, _named(connection, call))}


def list_policies(service: Service, call: Call) -> dict[str, Any]:
    scope, prefix = call.request.get("Scope", "All"), call.request.get("PathPrefix", "/")
    with service.records.read() as connection:
        found = managed_policies.list_all(connection, call.caller.account_id)
        found = found if scope != "AWS" else []
        found += managed_policies.list_of_aws() if scope != "Local" else []
        answers = [
            {**_answer(connection, call, each), "Tags": None, "Description": None}
            for each in found
            if each.path.startswith(prefix)
        ]
    if call.request.get("OnlyAttached"):
        answers = [answer for answer in answers if answer["AttachmentCount"]]
    return page(call, "Policies", answers)


def delete_policy(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        policy = _own(connection, call)
        if managed_policies.attachment_count(connection, policy.arn, call.caller.account_id):
            raise DeleteConflictError("Cannot delete a policy attached to entities.")
        if principals.bounded_count(connection, policy.arn, call.caller.account_id):
            raise DeleteConflictError("Cannot delete a policy that is a permissions boundary.")
        if len(managed_policies.versions(connection, policy.arn)) > 1:
            raise DeleteConflictError("This policy has more than one version; delete them first.")
        managed_policies.remove(connection, policy.arn)
    return {}


def create_policy_version(service: Service, call: Call) -> dict[str, Any]:
    written = document(call.request["PolicyDocument"])
    is_default = bool(call.request.get("SetAsDefault"))
    with service.records.write() as connection:
        accounts.lock(connection, call.caller.account_id)
        policy = _own(connection, call)
        if len(managed_policies.versions(connection, policy.arn)) >= _VERSIONS:
            raise IdentityLimitExceededError(
                f"A managed policy can have up to {_VERSIONS} versions. Before you create a new "
                "version, you must delete an existing version."
            )
        number = managed_policies.add_version(connection, policy, written, is_default=is_default)
        version = _version(connection, policy, number)
        default = number if is_default else policy.default_version
    return {"PolicyVersion": {**_version_answer(version, default), "Document": None}}


def get_policy_version(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        policy = _named(connection, call)
        version = _version(connection, policy, _number(call))
    return {"PolicyVersion": _version_answer(version, policy.default_version)}


def list_policy_versions(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        policy = _named(connection, call)
        found = managed_policies.versions(connection, policy.arn)
    answers = [
        {**_version_answer(version, policy.default_version), "Document": None} for version in found
    ]
    return page(call, "Versions", answers)


def set_default_policy_version(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        policy = _own(connection, call)
        number = _version(connection, policy, _number(call)).number
        managed_policies.change(connection, policy.arn, default_version=number)
    return {}


def delete_policy_version(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        policy = _own(connection, call)
        number = _version(connection, policy, _number(call)).number
        if number == policy.default_version:
            raise DeleteConflictError("Cannot delete the default version of a policy.")
        managed_policies.remove_version(connection, policy.arn, number)
    return {}


def tag_policy(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        policy = _own(connection, call)
        managed_policies.change(connection, policy.arn, tags=tagged(call, policy.tags))
    return {}


def untag_policy(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        policy = _own(connection, call)
        managed_policies.change(connection, policy.arn, tags=untagged(call, policy.tags))
    return {}


def list_policy_tags(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        return page(call, "Tags", tag_list(_named(connection, call).tags))


def list_entities_for_policy(service: Service, call: Call) -> dict[str, Any]:
    account_id = call.caller.account_id
    with service.records.read() as connection:
        policy = _named(connection, call)
        arns = set(managed_policies.target_arns(connection, policy.arn, account_id))
        users = principals.list_all(connection, account_id, PrincipalKind.USER)
        roles = principals.list_all(connection, account_id, PrincipalKind.ROLE)
        in_groups = groups.list_all(connection, account_id)
    return {
        "PolicyUsers": [
            {"UserName": user.name, "UserId": user.unique_id} for user in users if user.arn in arns
        ],
        "PolicyRoles": [
            {"RoleName": role.name, "RoleId": role.unique_id} for role in roles if role.arn in arns
        ],
        "PolicyGroups": [
            {"GroupName": group.name, "GroupId": group.unique_id}
            for group in in_groups
            if group.arn in arns
        ],
        "IsTruncated": False,
    }


def _named(connection: Connection, call: Call) -> ManagedPolicy:
    """Find the policy of the request, of the caller's account or AWS's."""
    arn = call.request["PolicyArn"]
    policy = attachable(connection, call, arn)
    if policy is None:
        raise NoSuchEntityError(f"Policy {arn} was not found.")
    return policy


def _own(connection: Connection, call: Call) -> ManagedPolicy:
    policy = _named(connection, call)
    if policy.account_id == "aws":
        raise InvalidInputError("Policies of AWS cannot be changed.")
    return policy


def _number(call: Call) -> int:
    digits = str(call.request["VersionId"]).removeprefix("v").partition(".")[0]
    is_number = digits.isascii() and digits.isdigit() and len(digits) < 10
    return int(digits) if is_number else 0  # which no version has


def _version(connection: Connection, policy: ManagedPolicy, number: int) -> PolicyVersion:
    found = managed_policies.versions(connection, policy.arn)
    version = next((each for each in found if each.number == number), None)
    if version is None:
        raise NoSuchEntityError(f"Policy {policy.arn} version v{number} does not exist.")
    return version


def _version_answer(version: PolicyVersion, default: int) -> dict[str, Any]:
    return {
        "Document": encoded(version.document),
        "VersionId": f"v{version.number}",
        "IsDefaultVersion": version.number == default,
        "CreateDate": version.created_ms // 1000,
    }


def _answer(connection: Connection, call: Call, policy: ManagedPolicy) -> dict[str, Any]:
    count = managed_policies.attachment_count(connection, policy.arn, call.caller.account_id)
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.unique_id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": f"v{policy.default_version}",
        "AttachmentCount": count,
        "PermissionsBoundaryUsageCount": principals.bounded_count(
            connection, policy.arn, call.caller.account_id
        ),
        "IsAttachable": True,
        "Description": policy.description or None,
        "CreateDate": policy.created_ms // 1000,
        "UpdateDate": policy.updated_ms // 1000,
        "Tags": tag_list(policy.tags) or None,
    }
