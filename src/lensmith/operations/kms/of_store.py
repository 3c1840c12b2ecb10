"""Data keys for the embedded object store, from wherever keys are.

S3 has judged the caller before. A wrapped key is given with the ARN of the key that wrapped it,
because the store does not name it again when it decrypts.
"""

from __future__ import annotations

import struct
from typing import Any

from lensmith.domain.key_errors import CiphertextError, KeyValidationError
from lensmith.operations.call import Call, Operation, Permission, Service, blocking
from lensmith.store.keyring.key_service import key_service

_FORM = b"S1"
_LENGTH = struct.Struct(">H")


def generate_data_key(service: Service, call: Call) -> dict[str, Any]:
    request = call.request
    if request.get("KeySpec") != "AES_256":
        raise KeyValidationError("The object store has keys of AES_256.")
    keys = key_service(service.settings, service.records)
    made = keys.generate(request["KeyId"], request.get("EncryptionContext") or {})
    arn = made.key_arn.encode()
    blob = _FORM + _LENGTH.pack(len(arn)) + arn + made.ciphertext
    return {"CiphertextBlob": blob, "Plaintext": made.plaintext, "KeyId": made.key_arn}


def decrypt(service: Service, call: Call) -> dict[str, Any]:
    blob: bytes = call.request.get("CiphertextBlob", b"")
    start = len(_FORM) + _LENGTH.size
    if not blob.startswith(_FORM) or len(blob) < start:
        raise CiphertextError
    (length,) = _LENGTH.unpack_from(blob, len(_FORM))
    arn = blob[start : start + length].decode(errors="replace")
    keys = key_service(service.settings, service.records)
    context = call.request.get("EncryptionContext") or {}
    return {"Plaintext": keys.unwrap(arn, blob[start + length :], context), "KeyId": arn}


def _nothing(_: Service, __: Call) -> list[Permission]:
    return []


_ROWS = (
    Operation("GenerateDataKey", _nothing, blocking(generate_data_key)),
    Operation("Decrypt", _nothing, blocking(decrypt)),
)

OPERATIONS: dict[str, Operation] = {row.name: row for row in _ROWS}
