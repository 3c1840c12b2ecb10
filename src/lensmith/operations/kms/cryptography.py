"""Encrypts, decrypts and makes data keys."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection

from lensmith.domain.key import Key
from lensmith.domain.key_errors import (
    DryRunError,
    IncorrectKeyError,
    KeyValidationError,
    UnsupportedKeyError,
)
from lensmith.operations.call import Call, Service
from lensmith.operations.kms.named import named_key
from lensmith.store.keyring import embedded
from lensmith.store.keyring.embedded import Decrypted
from lensmith.store.records import keys

_SYMMETRIC = "SYMMETRIC_DEFAULT"
_SPEC_BYTES = {"AES_128": 16, "AES_256": 32}


def encrypt(service: Service, call: Call) -> dict[str, Any]:
    request = call.request
    _refuse_other_algorithm(request.get("EncryptionAlgorithm"))
    context = request.get("EncryptionContext") or {}
    with service.records.read() as connection:
        key = _usable(connection, service, call)
        blob = embedded.encrypt(connection, key, request["Plaintext"], context)
    return {"CiphertextBlob": blob, "KeyId": key.arn, "EncryptionAlgorithm": _SYMMETRIC}


def decrypt(service: Service, call: Call) -> dict[str, Any]:
    request = call.request
    _refuse_other_algorithm(request.get("EncryptionAlgorithm"))
    _refuse_enclaves(call)
    with service.records.read() as connection:
        opened = _opened(connection, service, call, "KeyId", "EncryptionContext")
    return {
        "KeyId": opened.key.arn,
        "Plaintext": opened.plaintext,
        "EncryptionAlgorithm": _SYMMETRIC,
        "KeyMaterialId": keys.material_id(opened.key.key_id, opened.material),
    }


def re_encrypt(service: Service, call: Call) -> dict[str, Any]:
    """Decrypt and encrypt again; the plaintext does not leave the server."""
    request = call.request
    _refuse_other_algorithm(request.get("SourceEncryptionAlgorithm"))
    _refuse_other_algorithm(request.get("DestinationEncryptionAlgorithm"))
    context = request.get("DestinationEncryptionContext") or {}
    with service.records.read() as connection:
        opened = _opened(connection, service, call, "SourceKeyId", "SourceEncryptionContext")
        key = named_key(connection, service, call, "DestinationKeyId")
        blob = embedded.encrypt(connection, key, opened.plaintext, context)
    return {
        "CiphertextBlob": blob,
        "SourceKeyId": opened.key.arn,
        "KeyId": key.arn,
        "SourceEncryptionAlgorithm": _SYMMETRIC,
        "DestinationEncryptionAlgorithm": _SYMMETRIC,
        "SourceKeyMaterialId": keys.material_id(opened.key.key_id, opened.material),
        "DestinationKeyMaterialId": keys.material_id(key.key_id, key.material),
    }


def generate_data_key(service: Service, call: Call) -> dict[str, Any]:
    """Make a data key: as plaintext, and encrypted under the key."""
    _refuse_enclaves(call)
    fresh = secrets.token_bytes(_data_key_bytes(call))
    with service.records.read() as connection:
        key = _usable(connection, service, call)
        context = call.request.get("EncryptionContext") or {}
        blob = embedded.encrypt(connection, key, fresh, context)
    answer = {
        "CiphertextBlob": blob,
        "KeyId": key.arn,
        "KeyMaterialId": keys.material_id(key.key_id, key.material),
    }
    is_shown = call.operation == "GenerateDataKey"
    return {**answer, "Plaintext": fresh} if is_shown else answer


def generate_random(_: Service, call: Call) -> dict[str, Any]:
    if "CustomKeyStoreId" in call.request or "Recipient" in call.request:
        raise UnsupportedKeyError("This server has neither custom key stores nor enclaves.")
    size = call.request.get("NumberOfBytes")
    if size is None:
        raise KeyValidationError("NumberOfBytes must be given.")
    return {"Plaintext": secrets.token_bytes(size)}


def _usable(connection: Connection, service: Service, call: Call) -> Key:
    key = named_key(connection, service, call)
    embedded.refuse_unusable(key)
    _refuse_dry_run(call)
    return key


def _opened(
    connection: Connection, service: Service, call: Call, key_member: str, context_member: str
) -> Decrypted:
    request = call.request
    opened = embedded.decrypt(
        connection, request["CiphertextBlob"], request.get(context_member) or {}
    )
    if key_member in request:
        named = named_key(connection, service, call, key_member)
        if named.key_id != opened.key.key_id:
            raise IncorrectKeyError
    _refuse_dry_run(call)
    return opened


def _data_key_bytes(call: Call) -> int:
    spec, size = call.request.get("KeySpec"), call.request.get("NumberOfBytes")
    if (spec is None) == (size is None):
        raise KeyValidationError("Please specify either number of bytes or key spec.")
    return int(size) if size is not None else _SPEC_BYTES[str(spec)]


def _refuse_dry_run(call: Call) -> None:
    if call.request.get("DryRun"):
        raise DryRunError


def _refuse_other_algorithm(algorithm: str | None) -> None:
    if algorithm not in (None, _SYMMETRIC):
        raise KeyValidationError(f"The keys of this server encrypt with {_SYMMETRIC}.")


def _refuse_enclaves(call: Call) -> None:
    if "Recipient" in call.request:
        raise KeyValidationError("This server knows no enclaves.")
