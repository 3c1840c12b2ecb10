"""AWS clients that sign as the caller of a job, so that each step is judged by present rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.config import Config

from lensmith.datasets.stores import Stores
from lensmith.store.boto_session import boto_session
from lensmith.store.records import accounts
from lensmith.tasks.process import TaskError

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

_ATTEMPTS = 8


def rekognition_as(
    stores: Stores, access_key_id: str, connections: int = 10, region: str = ""
) -> RekognitionClient:
    """Return a client of this server that signs with a key; raises TaskError without the key.

    An empty region is the server's own.
    """
    return boto_session().client(
        "rekognition",
        endpoint_url=stores.settings.endpoint,
        config=_config(connections),
        **_signing(stores, access_key_id, region),
    )


def s3_as(stores: Stores, access_key_id: str, region: str) -> S3Client:
    """Return a client of the S3 port that signs with a key; raises TaskError without the key."""
    if stores.settings.s3_endpoint_url:
        return stores.objects.for_key(access_key_id)
    return boto_session().client(
        "s3",
        endpoint_url=stores.settings.s3_endpoint,
        config=_config(10).merge(Config(s3={"addressing_style": "path"})),
        **_signing(stores, access_key_id, region),
    )


def _signing(stores: Stores, access_key_id: str, region: str) -> dict[str, Any]:
    with stores.records.read() as connection:
        key = accounts.find_access_key(connection, access_key_id)
    if key is None:
        raise TaskError("UnrecognizedClientException", "The access key is gone.")
    return {
        # The server bound this port itself; its certificate may name another host.
        "verify": not stores.settings.tls_certificate,
        "region_name": region or stores.settings.region,
        "aws_access_key_id": key.access_key_id,
        "aws_secret_access_key": key.secret_access_key,
        "aws_session_token": key.session_token,
    }


def _config(connections: int) -> Config:
    return Config(
        proxies={},
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        max_pool_connections=connections,
    )
