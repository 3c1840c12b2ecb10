"""Policies of users, roles and groups: inline, attached, boundaries; and tags."""

from __future__ import annotations

from typing import Any

from lensmith.domain.identity_errors import NoSuchEntityError
from lensmith.operations.call import Call, Handle, Service, blocking
from lensmith.operations.iam.entities import (
    EntityKind,
    attachable,
    boundary,
    document,
    encoded,
    page,
    principal_named,
    tag_list,
    tagged,
    untagged,
)
from lensmith.store.records import managed_policies, principals


def inline_handlers(kind: EntityKind) -> dict[str, Handle]:
    """Make the operations on inline policies of a kind of entity, by name: PutUserPolicy …"""
    noun = kind.noun

    def put(service: Service, call: Call) -> dict[str, Any]:
        written = document(call.request["PolicyDocument"])
        with service.records.write() as connection:
            entity = kind.named(connection, call)
            policies = {**entity.policies, call.request["PolicyName"]: written}
            kind.set_policies(connection, entity.arn, policies)
        return {}

    def get(service: Service, call: Call) -> dict[str, Any]:
        name = call.request["PolicyName"]
        with service.records.read() as connection:
            entity = kind.named(connection, call)
        if name not in entity.policies:
            raise _no_policy(kind, name)
        return {
            kind.name_member: entity.name,
            "PolicyName": name,
            "PolicyDocument": encoded(entity.policies[name]),
        }

    def list_all(service: Service, call: Call) -> dict[str, Any]:
        with service.records.read() as connection:
            entity = kind.named(connection, call)
        return page(call, "PolicyNames", sorted(entity.policies))

    def delete(service: Service, call: Call) -> dict[str, Any]:
        name = call.request["PolicyName"]
        with service.records.write() as connection:
            entity = kind.named(connection, call)
            if name not in entity.policies:
                raise _no_policy(kind, name)
            kept = {each: policy for each, policy in entity.policies.items() if each != name}
            kind.set_policies(connection, entity.arn, kept)
        return {}

    return {
        f"Put{noun}Policy": blocking(put),
        f"Get{noun}Policy": blocking(get),
        f"List{noun}Policies": blocking(list_all),
        f"Delete{noun}Policy": blocking(delete),
    }


def attachment_handlers(kind: EntityKind) -> dict[str, Handle]:
    """Make the operations on attached policies of a kind of entity: AttachUserPolicy …"""
    noun = kind.noun

    def attach(service: Service, call: Call) -> dict[str, Any]:
        arn = call.request["PolicyArn"]
        with service.records.write() as connection:
            entity = kind.named(connection, call)
            if attachable(connection, call, arn) is None:
                raise NoSuchEntityError(f"Policy {arn} does not exist or is not attachable.")
            managed_policies.attach(connection, entity.arn, arn)
        return {}

    def detach(service: Service, call: Call) -> dict[str, Any]:
        arn = call.request["PolicyArn"]
        with service.records.write() as connection:
            entity = kind.named(connection, call)
            if not managed_policies.detach(connection, entity.arn, arn):
                raise NoSuchEntityError(f"Policy {arn} was not found.")
        return {}

    def list_attached(service: Service, call: Call) -> dict[str, Any]:
        with service.records.read() as connection:
            entity = kind.named(connection, call)
            arns = managed_policies.attached_arns(connection, entity.arn)
        found = [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]
        return page(call, "AttachedPolicies", found)

    return {
        f"Attach{noun}Policy": blocking(attach),
        f"Detach{noun}Policy": blocking(detach),
        f"ListAttached{noun}Policies": blocking(list_attached),
    }


def principal_handlers(kind: EntityKind) -> dict[str, Handle]:
    """Make the operations on boundary and tags of users or roles, by name."""
    noun = kind.noun

    def put_boundary(service: Service, call: Call) -> dict[str, Any]:
        with service.records.write() as connection:
            arn = boundary(connection, call)
            found = principal_named(connection, call, kind)
            principals.change(connection, found.arn, boundary_arn=arn)
        return {}

    def delete_boundary(service: Service, call: Call) -> dict[str, Any]:
        with service.records.write() as connection:
            found = principal_named(connection, call, kind)
            principals.change(connection, found.arn, boundary_arn=None)
        return {}

    def tag(service: Service, call: Call) -> dict[str, Any]:
        with service.records.write() as connection:
            found = principal_named(connection, call, kind)
            principals.change(connection, found.arn, tags=tagged(call, found.tags))
        return {}

    def untag(service: Service, call: Call) -> dict[str, Any]:
        with service.records.write() as connection:
            found = principal_named(connection, call, kind)
            principals.change(connection, found.arn, tags=untagged(call, found.tags))
        return {}

    def list_tags(service: Service, call: Call) -> dict[str, Any]:
        with service.records.read() as connection:
            found = principal_named(connection, call, kind)
        return page(call, "Tags", tag_list(found.tags))

    return {
        f"Put{noun}PermissionsBoundary": blocking(put_boundary),
        f"Delete{noun}PermissionsBoundary": blocking(delete_boundary),
        f"Tag{noun}": blocking(tag),
        f"Untag{noun}": blocking(untag),
        f"List{noun}Tags": blocking(list_tags),
    }


def _no_policy(kind: EntityKind, name: str) -> NoSuchEntityError:
    return NoSuchEntityError(f"The {kind.noun.lower()} policy with name {name} cannot be found.")
