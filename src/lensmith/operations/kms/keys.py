"""Keys: made, described, listed, enabled and disabled, deleted after a waiting period, tagged."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from lensmith.domain.clock import now_ms
from lensmith.domain.key import DAY_MS, Key, KeyState
from lensmith.domain.key_errors import (
    KeyLimitError,
    KeyStateError,
    KeyTagError,
    KeyValidationError,
    UnsupportedKeyError,
)
from lensmith.operations.call import Call, Service
from lensmith.operations.kms.key_policy import checked_policy, default_policy
from lensmith.operations.kms.named import named_key
from lensmith.operations.kms.pages import page
from lensmith.operations.kms.permissions import tags_of
from lensmith.store.keyring.embedded import refuse_pending_deletion
from lensmith.store.records import keys

_MIN_WINDOW, _MAX_WINDOW = 7, 30  # days
_MAX_TAGS = 50
_MAX_TAG_KEY, _MAX_TAG_VALUE = 128, 256
_SYMMETRIC = "SYMMETRIC_DEFAULT"
_SUPPORTED = {
    "KeyUsage": "ENCRYPT_DECRYPT",
    "KeySpec": _SYMMETRIC,
    "CustomerMasterKeySpec": _SYMMETRIC,
    "Origin": "AWS_KMS",
}


def create_key(service: Service, call: Call) -> dict[str, Any]:
    """Make a key; its policy, unless given, leaves the choice to the account's own policies."""
    request = call.request
    unsupported = any(request.get(name, only) != only for name, only in _SUPPORTED.items())
    if unsupported or request.get("MultiRegion") or "CustomKeyStoreId" in request:
        raise UnsupportedKeyError
    account_id, region = call.caller.account_id, service.settings.region
    policy = request.get("Policy")
    document = default_policy(account_id) if policy is None else checked_policy(service, call, None)
    with service.records.write() as connection:
        key = keys.create(
            connection,
            account_id,
            region,
            document,
            request.get("Description") or "",
            _checked_tags({}, request.get("Tags")),
        )
    return {"KeyMetadata": metadata(key)}


def describe_key(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        return {"KeyMetadata": metadata(named_key(connection, service, call))}


def list_keys(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        found = keys.list_all(connection, call.caller.account_id, service.settings.region)
    items = [{"KeyId": key.key_id, "KeyArn": key.arn} for key in found]
    return page(service, call, "Keys", items)


def update_key_description(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        key = _live_key(connection, service, call)
        keys.change(connection, key.key_id, description=call.request["Description"])
    return {}


def enable_key(service: Service, call: Call) -> dict[str, Any]:
    return _set_state(service, call, KeyState.ENABLED)


def disable_key(service: Service, call: Call) -> dict[str, Any]:
    return _set_state(service, call, KeyState.DISABLED)


def schedule_key_deletion(service: Service, call: Call) -> dict[str, Any]:
    """Make a key unusable now, and delete it and its material after 7 to 30 days."""
    days = int(call.request.get("PendingWindowInDays") or _MAX_WINDOW)
    if not _MIN_WINDOW <= days <= _MAX_WINDOW:
        raise KeyValidationError(f"PendingWindowInDays must be {_MIN_WINDOW} to {_MAX_WINDOW}.")
    ends_ms = now_ms() + days * DAY_MS
    with service.records.write() as connection:
        key = _live_key(connection, service, call)
        keys.change(
            connection,
            key.key_id,
            state=KeyState.PENDING_DELETION,
            deletion_ms=ends_ms,
            window_days=days,
        )
    return {
        "KeyId": key.arn,
        "DeletionDate": ends_ms / 1000,
        "KeyState": KeyState.PENDING_DELETION.value,
        "PendingWindowInDays": days,
    }


def cancel_key_deletion(service: Service, call: Call) -> dict[str, Any]:
    """Keep a key; as on AWS it is disabled then."""
    with service.records.write() as connection:
        key = named_key(connection, service, call)
        if key.state is not KeyState.PENDING_DELETION:
            raise KeyStateError(f"{key.arn} is not pending deletion.")
        keys.change(
            connection, key.key_id, state=KeyState.DISABLED, deletion_ms=None, window_days=None
        )
    return {"KeyId": key.arn}


def tag_resource(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        key = _live_key(connection, service, call)
        tags = _checked_tags(key.tags, call.request["Tags"])
        keys.change(connection, key.key_id, tags=tags)
    return {}


def untag_resource(service: Service, call: Call) -> dict[str, Any]:
    removed = set(call.request["TagKeys"])
    with service.records.write() as connection:
        key = _live_key(connection, service, call)
        left = {name: value for name, value in key.tags.items() if name not in removed}
        keys.change(connection, key.key_id, tags=left)
    return {}


def list_resource_tags(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        key = named_key(connection, service, call)
    items = [{"TagKey": name, "TagValue": value} for name, value in sorted(key.tags.items())]
    return page(service, call, "Tags", items)


def metadata(key: Key) -> dict[str, Any]:
    """Describe a key as KeyMetadata."""
    return {
        "AWSAccountId": key.account_id,
        "KeyId": key.key_id,
        "Arn": key.arn,
        "CreationDate": key.created_ms / 1000,
        "Enabled": key.state is KeyState.ENABLED,
        "Description": key.description,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": key.state.value,
        "DeletionDate": None if key.deletion_ms is None else key.deletion_ms / 1000,
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": _SYMMETRIC,
        "KeySpec": _SYMMETRIC,
        "EncryptionAlgorithms": [_SYMMETRIC],
        "MultiRegion": False,
        "CurrentKeyMaterialId": keys.material_id(key.key_id, key.material),
    }


def _set_state(service: Service, call: Call, state: KeyState) -> dict[str, Any]:
    with service.records.write() as connection:
        key = _live_key(connection, service, call)
        keys.change(connection, key.key_id, state=state)
    return {}


def _live_key(connection: Connection, service: Service, call: Call) -> Key:
    key = named_key(connection, service, call)
    refuse_pending_deletion(key)
    return key


def _checked_tags(before: Any, given: Any) -> dict[str, str]:
    tags = {**before, **tags_of(given)}
    for name, value in tags.items():
        if not 0 < len(name) <= _MAX_TAG_KEY or len(value) > _MAX_TAG_VALUE:
            raise KeyTagError("A tag key has 1 to 128 characters, a value at most 256.")
        if name.lower().startswith("aws:"):
            raise KeyTagError("Tag keys that begin with aws: are reserved.")
    if len(tags) > _MAX_TAGS:
        raise KeyLimitError(f"A key has at most {_MAX_TAGS} tags.")
    return tags
