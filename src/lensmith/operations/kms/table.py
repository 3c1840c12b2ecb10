"""Every KMS operation that is served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lensmith.operations.call import Call, Operation, Service, blocking
from lensmith.operations.kms import (
    aliases,
    cryptography,
    grants,
    key_policy,
    keys,
    permissions,
    rotation,
)

_Work = Callable[[Service, Call], dict[str, Any]]

_ON_KEY: dict[str, _Work] = {
    "DescribeKey": keys.describe_key,
    "UpdateKeyDescription": keys.update_key_description,
    "EnableKey": keys.enable_key,
    "DisableKey": keys.disable_key,
    "ScheduleKeyDeletion": keys.schedule_key_deletion,
    "CancelKeyDeletion": keys.cancel_key_deletion,
    "TagResource": keys.tag_resource,
    "UntagResource": keys.untag_resource,
    "ListResourceTags": keys.list_resource_tags,
    "Encrypt": cryptography.encrypt,
    "GenerateDataKey": cryptography.generate_data_key,
    "GenerateDataKeyWithoutPlaintext": cryptography.generate_data_key,
    "CreateGrant": grants.create_grant,
    "ListGrants": grants.list_grants,
    "RevokeGrant": grants.revoke_grant,
    "GetKeyPolicy": key_policy.get_key_policy,
    "PutKeyPolicy": key_policy.put_key_policy,
    "ListKeyPolicies": key_policy.list_key_policies,
    "EnableKeyRotation": rotation.enable_key_rotation,
    "DisableKeyRotation": rotation.disable_key_rotation,
    "GetKeyRotationStatus": rotation.get_key_rotation_status,
    "RotateKeyOnDemand": rotation.rotate_key_on_demand,
    "ListKeyRotations": rotation.list_key_rotations,
}
_ON_ALIAS: dict[str, _Work] = {
    "CreateAlias": aliases.create_alias,
    "UpdateAlias": aliases.update_alias,
    "DeleteAlias": aliases.delete_alias,
}
_ON_EVERYTHING: dict[str, _Work] = {
    "CreateKey": keys.create_key,
    "ListKeys": keys.list_keys,
    "GenerateRandom": cryptography.generate_random,
    "ListRetirableGrants": grants.list_retirable_grants,
}

_ROWS = (
    *(Operation(name, permissions.on_key, blocking(work)) for name, work in _ON_KEY.items()),
    *(Operation(name, permissions.on_alias, blocking(work)) for name, work in _ON_ALIAS.items()),
    *(
        Operation(name, permissions.on_everything, blocking(work))
        for name, work in _ON_EVERYTHING.items()
    ),
    Operation("ListAliases", permissions.on_everything, blocking(aliases.list_aliases)),
    Operation("Decrypt", permissions.on_ciphertext, blocking(cryptography.decrypt)),
    Operation("ReEncrypt", permissions.re_encrypt, blocking(cryptography.re_encrypt)),
    Operation("RetireGrant", permissions.retire_grant, blocking(grants.retire_grant)),
)

OPERATIONS: dict[str, Operation] = {row.name: row for row in _ROWS}
