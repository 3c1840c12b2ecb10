"""What several servers of one installation are given: one database, one S3, one root key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url
from tests.support.forwarded_port import ForwardedPort
from tests.support.live_server import LiveServer
from tests.support.namespaces import Cluster


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


@contextmanager
def shared_in_namespaces(
    namespaces: Cluster, records_url: str, root_key: Path, store: LiveServer, lease_seconds: int
) -> Iterator[dict[str, str]]:
    """Open to namespaces a database on a Unix socket, and the S3; yields the same variables."""
    url = make_url(records_url)
    socket_file = f"{url.query['host']}/.s.PGSQL.5432"
    with (
        ForwardedPort(socket_file, host=namespaces.database.outside) as database,
        ForwardedPort(store.s3_port, host=namespaces.machines.outside) as s3,
    ):
        where = f"{namespaces.database.outside}:{database.port}"
        yield shared_settings(
            f"postgresql+psycopg://lensmith@{where}/{url.database}", root_key, store, lease_seconds
        ) | {"LENSMITH_S3_ENDPOINT_URL": f"http://{namespaces.machines.outside}:{s3.port}"}
