"""Writes the one identity that SeaweedFS knows, the server's own, and where its keys are."""

from __future__ import annotations

from pathlib import Path

import msgspec

from lensmith.config import Settings
from lensmith.store.files import write_atomically
from lensmith.store.internal_key import internal_key
from lensmith.store.records.engine import Records

_KEYS = "lensmith"  # of the provider of keys


def write_identity(settings: Settings, records: Records, path: Path) -> None:
    """Write the file that `weed -s3.config` reads at its start.

    For objects that a key of KMS encrypts, SeaweedFS asks this server's KMS, as that identity.
    """
    key_id, secret = internal_key(records)
    credential = {"accessKey": key_id, "secretKey": secret}
    identity = {"name": "lensmith", "credentials": [credential], "actions": ["Admin"]}
    provider = {
        "type": "aws",
        "endpoint": settings.endpoint,
        "region": settings.region,
        "access_key": key_id,
        "secret_key": secret,
        "max_retries": 1,
        "cache_enabled": False,  # a key that is disabled is of no use at once
    }
    keys = {"default_provider": _KEYS, "providers": {_KEYS: provider}}
    content = msgspec.json.encode({"identities": [identity], "kms": keys})
    write_atomically(path, content, mode=0o600)
