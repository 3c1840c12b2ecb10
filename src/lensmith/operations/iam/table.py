"""Every IAM operation that is served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lensmith.operations.call import Call, Handle, Operation, Service, blocking
from lensmith.operations.iam import (
    groups,
    openid_providers,
    permissions,
    policies,
    roles,
    simulate,
    summary,
    users,
)
from lensmith.operations.iam.entities import GROUP, ROLE, USER
from lensmith.operations.iam.entity_policies import (
    attachment_handlers,
    inline_handlers,
    principal_handlers,
)

_Work = Callable[[Service, Call], dict[str, Any]]

_ON_ENTITY: dict[str, _Work] = {
    "CreateUser": users.create_user,
    "GetUser": users.get_user,
    "UpdateUser": users.update_user,
    "DeleteUser": users.delete_user,
    "CreateAccessKey": users.create_access_key,
    "ListAccessKeys": users.list_access_keys,
    "UpdateAccessKey": users.update_access_key,
    "DeleteAccessKey": users.delete_access_key,
    "CreateGroup": groups.create_group,
    "GetGroup": groups.get_group,
    "UpdateGroup": groups.update_group,
    "DeleteGroup": groups.delete_group,
    "AddUserToGroup": groups.add_user_to_group,
    "RemoveUserFromGroup": groups.remove_user_from_group,
    "ListGroupsForUser": groups.list_groups_for_user,
    "CreateRole": roles.create_role,
    "GetRole": roles.get_role,
    "UpdateRole": roles.update_role,
    "UpdateAssumeRolePolicy": roles.update_assume_role_policy,
    "DeleteRole": roles.delete_role,
    "SimulatePrincipalPolicy": simulate.simulate_principal_policy,
}
_ON_POLICY: dict[str, _Work] = {
    "CreatePolicy": policies.create_policy,
    "GetPolicy": policies.get_policy,
    "DeletePolicy": policies.delete_policy,
    "CreatePolicyVersion": policies.create_policy_version,
    "GetPolicyVersion": policies.get_policy_version,
    "ListPolicyVersions": policies.list_policy_versions,
    "SetDefaultPolicyVersion": policies.set_default_policy_version,
    "DeletePolicyVersion": policies.delete_policy_version,
    "TagPolicy": policies.tag_policy,
    "UntagPolicy": policies.untag_policy,
    "ListPolicyTags": policies.list_policy_tags,
    "ListEntitiesForPolicy": policies.list_entities_for_policy,
}
_ON_PROVIDER: dict[str, _Work] = {
    "CreateOpenIDConnectProvider": openid_providers.create_open_id_connect_provider,
    "GetOpenIDConnectProvider": openid_providers.get_open_id_connect_provider,
    "DeleteOpenIDConnectProvider": openid_providers.delete_open_id_connect_provider,
    "AddClientIDToOpenIDConnectProvider": openid_providers.add_client_id,
    "RemoveClientIDFromOpenIDConnectProvider": openid_providers.remove_client_id,
    "UpdateOpenIDConnectProviderThumbprint": openid_providers.update_thumbprint,
    "TagOpenIDConnectProvider": openid_providers.tag_provider,
    "UntagOpenIDConnectProvider": openid_providers.untag_provider,
    "ListOpenIDConnectProviderTags": openid_providers.list_provider_tags,
}
_ON_EVERYTHING: dict[str, _Work] = {
    "ListUsers": users.list_users,
    "ListGroups": groups.list_groups,
    "ListRoles": roles.list_roles,
    "ListPolicies": policies.list_policies,
    "ListOpenIDConnectProviders": openid_providers.list_open_id_connect_providers,
    "GetAccountSummary": summary.get_account_summary,
    "SimulateCustomPolicy": simulate.simulate_custom_policy,
}


def _handlers() -> Iterator[tuple[str, Handle]]:
    for kind in (USER, ROLE, GROUP):
        yield from inline_handlers(kind).items()
        yield from attachment_handlers(kind).items()
    for kind in (USER, ROLE):
        yield from principal_handlers(kind).items()


_ROWS = (
    Operation(
        "GetAccessKeyLastUsed",
        permissions.on_key_owner,
        blocking(users.get_access_key_last_used),
    ),
    *(Operation(name, permissions.on_entity, blocking(work)) for name, work in _ON_ENTITY.items()),
    *(Operation(name, permissions.on_policy, blocking(work)) for name, work in _ON_POLICY.items()),
    *(
        Operation(name, permissions.on_provider, blocking(work))
        for name, work in _ON_PROVIDER.items()
    ),
    *(
        Operation(name, permissions.on_everything, blocking(work))
        for name, work in _ON_EVERYTHING.items()
    ),
    *(Operation(name, permissions.on_entity, handle) for name, handle in _handlers()),
)

OPERATIONS: dict[str, Operation] = {row.name: row for row in _ROWS}
