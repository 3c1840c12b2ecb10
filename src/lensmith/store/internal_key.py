"""The key with which the server itself calls the embedded object store."""

from __future__ import annotations

from lensmith.store.records import accounts
from lensmith.store.records.engine import Records

INTERNAL = "LENSMITHINTERNAL"


def internal_key(records: Records) -> tuple[str, str]:
    """Read, or make, the access key id and secret of the identity that may do everything."""
    with records.write() as connection:
        return INTERNAL, accounts.secret(connection, "objects.internal").hex()
