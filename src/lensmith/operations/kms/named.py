"""Finds the key that a request names; of another account as if it did not exist."""

from __future__ import annotations

from sqlalchemy import Connection

from lensmith.domain.key import Key, KeyName
from lensmith.domain.key_errors import AliasNameError, KeyArnError, KeyNotFoundError
from lensmith.operations.call import Call, Service
from lensmith.store.keyring.judged_key import JudgedKey, judged_key
from lensmith.store.records import keys
from lensmith.wire import kms_model

_WITH_ALIASES = frozenset(
    {
        "Decrypt",
        "DescribeKey",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncrypt",
    }
)


def key_name(service: Service, call: Call, member: str = "KeyId") -> KeyName:
    """Read the member that names a key; raises KeyArnError or KeyNotFoundError."""
    text = str(call.request[member])
    name = KeyName.parse(text, service.settings.region, call.caller.account_id)
    if name is None:
        modelled = KeyArnError.code in kms_model.error_codes(call.operation)
        raise (KeyArnError if modelled else KeyNotFoundError)(f"Invalid arn {text[:128]}")
    if name.alias and call.operation not in _WITH_ALIASES:
        raise KeyNotFoundError(f"Invalid keyId {text[:128]}")
    return name


def alias_name(service: Service, call: Call) -> KeyName:
    """Read AliasName; raises AliasNameError or KeyNotFoundError when it cannot be one."""
    text = str(call.request["AliasName"])
    name = KeyName.parse(text, service.settings.region, call.caller.account_id)
    if name is None or not name.alias or text.startswith(("arn:", "alias/aws/")):
        modelled = AliasNameError.code in kms_model.error_codes(call.operation)
        raise AliasNameError() if modelled else missing(text)
    return name


def judged(service: Service, call: Call, name: KeyName) -> JudgedKey:
    """Find a key that the caller may know of; raises KeyNotFoundError."""
    found = service.records.read_cached(judged_key, name)
    if found is None or name.region != service.settings.region or not is_known(call, found):
        raise missing(name.alias or name.key_id)
    return found


def is_known(call: Call, found: JudgedKey) -> bool:
    """Return whether a key is of the caller's account, or names it."""
    account_id = call.caller.account_id
    return found.key.account_id == account_id or found.names_account(account_id)


def named_key(connection: Connection, service: Service, call: Call, member: str = "KeyId") -> Key:
    """Find the key in a transaction; raises KeyNotFoundError. The call is authorised already."""
    name = key_name(service, call, member)
    key = keys.find_named(connection, name)
    if key is None:
        raise missing(name.alias or name.key_id)
    return key


def missing(name: str) -> KeyNotFoundError:
    if name.startswith("alias/"):
        return KeyNotFoundError(f"Alias {name[:256]} is not found.")
    return KeyNotFoundError(f"Key '{name[:256]}' does not exist")
