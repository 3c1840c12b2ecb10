"""Writes the one identity that SeaweedFS knows: the server's own."""

from __future__ import annotations

from pathlib import Path

import msgspec

from lensmith.store.files import write_atomically
from lensmith.store.internal_key import internal_key
from lensmith.store.records.engine import Records


def write_identity(records: Records, path: Path) -> None:
    """Write the file that `weed -s3.config` reads at its start."""
    key_id, secret = internal_key(records)
    credential = {"accessKey": key_id, "secretKey": secret}
    identity = {"name": "lensmith", "credentials": [credential], "actions": ["Admin"]}
    write_atomically(path, msgspec.json.encode({"identities": [identity]}), mode=0o600)
