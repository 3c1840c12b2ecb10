"""Rotation: fresh material encrypts, older material still decrypts."""

from __future__ import annotations

from typing import Any

from lensmith.domain.clock import now_ms
from lensmith.domain.key import DAY_MS
from lensmith.domain.key_errors import KeyLimitError
from lensmith.operations.call import Call, Service
from lensmith.operations.kms.named import named_key
from lensmith.operations.kms.pages import page
from lensmith.store.keyring.embedded import refuse_pending_deletion, refuse_unusable
from lensmith.store.records import keys

_DEFAULT_DAYS = 365
_MAX_ON_DEMAND = 25
_ON_DEMAND = "ON_DEMAND"


def enable_key_rotation(service: Service, call: Call) -> dict[str, Any]:
    days = int(call.request.get("RotationPeriodInDays") or _DEFAULT_DAYS)
    with service.records.write() as connection:
        key = named_key(connection, service, call)
        refuse_unusable(key)
        next_ms = now_ms() + days * DAY_MS
        keys.change(connection, key.key_id, rotation_days=days, next_rotation_ms=next_ms)
    return {}


def disable_key_rotation(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        key = named_key(connection, service, call)
        refuse_unusable(key)
        keys.change(connection, key.key_id, rotation_days=None, next_rotation_ms=None)
    return {}


def get_key_rotation_status(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        key = named_key(connection, service, call)
    refuse_pending_deletion(key)
    next_ms = key.next_rotation_ms
    return {
        "KeyRotationEnabled": key.rotation_days is not None,
        "KeyId": key.arn,
        "RotationPeriodInDays": key.rotation_days,
        "NextRotationDate": None if next_ms is None else next_ms / 1000,
    }


def rotate_key_on_demand(service: Service, call: Call) -> dict[str, Any]:
    """Rotate now; the data keys of models are wrapped again under the fresh material."""
    with service.records.write() as connection:
        key = named_key(connection, service, call)
        refuse_unusable(key)
        before = keys.rotations(connection, key.key_id)
        if sum(each.kind == _ON_DEMAND for each in before) >= _MAX_ON_DEMAND:
            raise KeyLimitError(f"A key is rotated on demand at most {_MAX_ON_DEMAND} times.")
        keys.rotate(connection, key, _ON_DEMAND)
    return {"KeyId": key.arn}


def list_key_rotations(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        key = named_key(connection, service, call)
        refuse_pending_deletion(key)
        found = keys.rotations(connection, key.key_id)
    shows_all = call.request.get("IncludeKeyMaterial") == "ALL_KEY_MATERIAL"
    items = [
        {
            "KeyId": key.key_id,
            "KeyMaterialId": keys.material_id(key.key_id, each.number),
            "KeyMaterialState": "CURRENT" if each.number == key.material else "NON_CURRENT",
            **(
                {"RotationDate": each.created_ms / 1000, "RotationType": each.kind}
                if each.kind
                else {}
            ),
        }
        for each in found
        if each.kind or shows_all
    ]
    return page(service, call, "Rotations", items)
