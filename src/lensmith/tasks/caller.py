"""AWS clients that sign as the caller of a job, so that each step is judged by present rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from lensmith.datasets.stores import Stores
from lensmith.store.records import accounts
from lensmith.tasks.process import TaskError

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

_ATTEMPTS = 8


def rekognition_as(stores: Stores, access_key_id: str, connections: int = 10) -> RekognitionClient:
    """Return a client of this server that signs with a key; raises TaskError without the key."""
    with stores.records.read() as connection:
        key = accounts.find_access_key(connection, access_key_id)
    if key is None:
        raise TaskError("UnrecognizedClientException", "The access key is gone.")
    return boto3.Session().client(
        "rekognition",
        endpoint_url=stores.settings.endpoint,
        # The server bound this port itself; its certificate may name another host.
        verify=not stores.settings.tls_certificate,
        region_name=stores.settings.region,
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
        aws_session_token=key.session_token,
        config=Config(
            proxies={},
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            max_pool_connections=connections,
        ),
    )
