"""GetAccountSummary: how many entities an account has, and how many it may have."""

from __future__ import annotations

from typing import Any

from lensmith.operations.call import Call, Service
from lensmith.store.records import groups, managed_policies, openid_providers, principals
from lensmith.store.records.principals import PrincipalKind

_LIMITS = {"AccessKeysPerUserQuota": 2, "VersionsPerPolicyQuota": 5}


def get_account_summary(service: Service, call: Call) -> dict[str, Any]:
    account_id = call.caller.account_id
    with service.records.read() as connection:
        users = principals.list_all(connection, account_id, PrincipalKind.USER)
        roles = principals.list_all(connection, account_id, PrincipalKind.ROLE)
        found = groups.list_all(connection, account_id)
        providers = openid_providers.list_all(connection, account_id)
        policies = managed_policies.list_all(connection, account_id)
        versions = sum(len(managed_policies.versions(connection, each.arn)) for each in policies)
    counts = {
        "Users": len(users),
        "Groups": len(found),
        "Roles": len(roles),
        "Policies": len(policies),
        "PolicyVersionsInUse": versions,
        "MFADevices": 0,
        "MFADevicesInUse": 0,
        "AccountMFAEnabled": 0,
        "AccountAccessKeysPresent": 0,
        "Providers": len(providers),
    }
    return {"SummaryMap": {**counts, **_LIMITS}}
