"""Users and their access keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from lensmith.domain.identity_errors import (
    DeleteConflictError,
    EntityAlreadyExistsError,
    IdentityLimitExceededError,
    NoSuchEntityError,
)
from lensmith.operations.call import Call, Service
from lensmith.operations.iam.entities import (
    USER,
    boundary,
    own_user,
    page,
    principal_named,
    tags,
    user_answer,
)
from lensmith.store.records import accounts, audit_events, groups, managed_policies, principals
from lensmith.store.records.accounts import AccessKey
from lensmith.store.records.principals import Principal, PrincipalKind

_KEYS_PER_USER = 2


def create_user(service: Service, call: Call) -> dict[str, Any]:
    name = call.request["UserName"]
    with service.records.write() as connection:
        refuse_taken(connection, call, PrincipalKind.USER, name)
        user = principals.create(
            connection,
            call.caller.account_id,
            PrincipalKind.USER,
            name,
            path=call.request.get("Path", "/"),
            boundary_arn=boundary(connection, call),
            tags=tags(call.request.get("Tags")),
        )
    return {"User": user_answer(user)}


def get_user(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        return {"User": user_answer(own_user(connection, call))}


def list_users(service: Service, call: Call) -> dict[str, Any]:
    prefix = call.request.get("PathPrefix", "/")
    with service.records.read() as connection:
        found = principals.list_all(connection, call.caller.account_id, PrincipalKind.USER, prefix)
    return page(call, "Users", [{**user_answer(user), "Tags": None} for user in found])


def update_user(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        user = principal_named(connection, call, USER)
        name = call.request.get("NewUserName", user.name)
        if name.lower() != user.name.lower():
            refuse_taken(connection, call, PrincipalKind.USER, name)
        principals.rename(connection, user, name, call.request.get("NewPath", user.path))
    return {}


def delete_user(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        user = principal_named(connection, call, USER)
        refuse_in_use(connection, user)
        if groups.of_user(connection, user.arn):
            raise DeleteConflictError("Cannot delete entity, must remove users from group first.")
        if _permanent_keys(connection, user):
            raise DeleteConflictError("Cannot delete entity, must delete access keys first.")
        principals.remove(connection, user.arn)
    return {}


def create_access_key(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        accounts.lock(connection, call.caller.account_id)
        user = own_user(connection, call)
        if len(_permanent_keys(connection, user)) >= _KEYS_PER_USER:
            raise IdentityLimitExceededError(
                f"Cannot exceed quota for AccessKeysPerUser: {_KEYS_PER_USER}"
            )
        key = accounts.create_access_key(connection, user.arn)
    return {"AccessKey": {**_key_answer(key), "SecretAccessKey": key.secret_access_key}}


def list_access_keys(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        keys = _permanent_keys(connection, own_user(connection, call))
    return page(call, "AccessKeyMetadata", [_key_answer(key) for key in keys])


def get_access_key_last_used(service: Service, call: Call) -> dict[str, Any]:
    """Tell the last call by the key that the audit trail still holds."""
    key_id, account_id = call.request["AccessKeyId"], call.caller.account_id
    with service.records.read() as connection:
        owner = accounts.key_owner(connection, key_id)
        if owner is None or owner.account_id != account_id:
            raise NoSuchEntityError(f"The Access Key with id {key_id} cannot be found.")
        used = audit_events.last_use(connection, account_id, key_id)
    last: dict[str, Any] = {"ServiceName": "N/A", "Region": "N/A"}
    if used is not None:
        source = used.source.removesuffix(".amazonaws.com")
        last = {"LastUsedDate": used.time_ms // 1000, "ServiceName": source, "Region": used.region}
    return {"UserName": owner.name, "AccessKeyLastUsed": last}


def update_access_key(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        key_id = _own_key_id(connection, call)
        accounts.set_active(connection, key_id, active=call.request["Status"] == "Active")
    return {}


def delete_access_key(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        accounts.delete_access_key(connection, _own_key_id(connection, call))
    return {}


def refuse_taken(connection: Connection, call: Call, kind: PrincipalKind, name: str) -> None:
    """Raise EntityAlreadyExistsError when an entity has the name, in whatever case."""
    if principals.find(connection, call.caller.account_id, kind, name) is not None:
        noun = kind.value.capitalize()
        raise EntityAlreadyExistsError(f"{noun} with name {name} already exists.")


def refuse_in_use(connection: Connection, principal: Principal) -> None:
    """Raise DeleteConflictError while a user or role has policies."""
    if managed_policies.attached_arns(connection, principal.arn):
        raise DeleteConflictError("Cannot delete entity, must detach all policies first.")
    if principal.policies:
        raise DeleteConflictError("Cannot delete entity, must delete policies first.")


def _permanent_keys(connection: Connection, user: Principal) -> list[AccessKey]:
    keys = accounts.list_access_keys(connection, user.arn)
    return [key for key in keys if key.session_token is None]


def _own_key_id(connection: Connection, call: Call) -> str:
    user, key_id = own_user(connection, call), str(call.request["AccessKeyId"])
    if key_id not in {key.access_key_id for key in _permanent_keys(connection, user)}:
        raise NoSuchEntityError(f"The Access Key with id {key_id} cannot be found.")
    return key_id


def _key_answer(key: AccessKey) -> dict[str, Any]:
    return {
        "UserName": key.principal.name,
        "AccessKeyId": key.access_key_id,
        "Status": "Active" if key.is_active else "Inactive",
        "CreateDate": key.created_ms // 1000,
    }
