"""What several servers of one installation are given: one database, one S3, one root key."""

from __future__ import annotations

from pathlib import Path

from tests.support.live_server import LiveServer


def shared_settings(
    records_url: str, root_key: Path, store: LiveServer, lease_seconds: int
) -> dict[str, str]:
    """Variables for servers whose S3 is that of `store`, signed by its admin's key."""
    exports = store.exports()
    return {
        "LENSMITH_RECORDS_URL": records_url,
        "LENSMITH_ROOT_KEY_FILE": str(root_key),
        "LENSMITH_LEASE_SECONDS": str(lease_seconds),
        "LENSMITH_S3_ENDPOINT_URL": exports["AWS_ENDPOINT_URL_S3"],
        "AWS_ACCESS_KEY_ID": exports["AWS_ACCESS_KEY_ID"],
        "AWS_SECRET_ACCESS_KEY": exports["AWS_SECRET_ACCESS_KEY"],
    }
