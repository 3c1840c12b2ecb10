"""Bounds of one server: its regions, its connections, its memory. And buckets it did not make."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.domain.bucket import Bucket
from lensmith.gateway.adoption import adopt_buckets
from lensmith.store.internal_key import internal_key
from lensmith.store.internal_ports import InternalPorts, ports_file
from lensmith.store.records import buckets
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_CONNECTIONS = 50  # half of the API's, at least this many
LARGE = 64 << 20
RECEIVED_AT_ONCE = 4 << 20


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with two regions and few connections."""
    given = {"LENSMITH_REGIONS": "eu-central-1", "LENSMITH_MAX_CONNECTIONS": "100"}
    live = LiveServer(tmp_path_factory.mktemp("limited"), given=given)
    live.start()
    yield live
    assert live.stop() == 0, live.log.read_text()


@pytest.fixture(scope="module")
def keys(limited: LiveServer) -> dict[str, str]:
    return limited.environment()


def client_of(limited: LiveServer, keys: dict[str, str], region: str) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{limited.s3_port}",
        region_name=region,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


def test_a_bucket_is_in_the_region_it_was_made_in(
    limited: LiveServer, keys: dict[str, str]
) -> None:
    home, other = (client_of(limited, keys, name) for name in ("us-east-1", "eu-central-1"))
    home.create_bucket(Bucket="at-home")
    place: Any = {"LocationConstraint": "eu-central-1"}
    other.create_bucket(Bucket="elsewhere", CreateBucketConfiguration=place)
    for name, region in (("at-home", "us-east-1"), ("elsewhere", "eu-central-1")):
        assert other.head_bucket(Bucket=name)["BucketRegion"] == region
        location: Any = home.get_bucket_location(Bucket=name).get("LocationConstraint")
        assert (location or "us-east-1") == region
    place = {"LocationConstraint": "us-west-2"}
    with pytest.raises(ClientError, match="LocationConstraint"):
        home.create_bucket(Bucket="nowhere", CreateBucketConfiguration=place)
    with pytest.raises(ClientError, match="us-east-1, eu-central-1"):
        client_of(limited, keys, "us-west-2").list_buckets()


def test_idle_connections_make_room(limited: LiveServer, keys: dict[str, str]) -> None:
    address = ("127.0.0.1", limited.s3_port)
    idle = [socket.create_connection(address) for _ in range(MAX_CONNECTIONS + 20)]
    client_of(limited, keys, "us-east-1").list_buckets()
    for each in idle:
        each.setblocking(False)
    assert sum(map(_is_closed, idle)) >= 20
    for each in idle:
        each.close()


def _is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_large_objects_take_little_memory(limited: LiveServer, keys: dict[str, str]) -> None:
    client = client_of(limited, keys, "us-east-1")
    client.create_bucket(Bucket="large")
    body = os.urandom(LARGE)
    client.put_object(Bucket="large", Key="first", Body=body[:1000])
    (gateway,) = limited.children("lensmith.gateway")[-1:]
    before = gateway.memory_info().rss

    def move(number: int) -> tuple[int, int]:
        mine = client_of(limited, keys, "us-east-1")
        mine.put_object(Bucket="large", Key=str(number), Body=body)
        most = gateway.memory_info().rss
        received = mine.get_object(Bucket="large", Key=str(number))["Body"]
        size = 0
        while piece := received.read(RECEIVED_AT_ONCE):
            assert piece == body[size : size + len(piece)]
            size += len(piece)
            most = max(most, gateway.memory_info().rss)
        return size, most

    with ThreadPoolExecutor(4) as clients:
        moved = list(clients.map(move, range(4)))
    assert [size for size, _ in moved] == [LARGE] * 4
    assert max(most for _, most in moved) - before < 48 << 20


def test_buckets_of_an_earlier_version_are_adopted(
    limited: LiveServer, keys: dict[str, str]
) -> None:
    settings = Settings(limited.home / "data")
    records = Records.of(settings)
    store = _store(settings, records)
    client = client_of(limited, keys, "us-east-1")
    store.create_bucket(Bucket="earlier")
    rules: Any = [
        {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"], "MaxAgeSeconds": 60}
    ]
    store.put_bucket_cors(Bucket="earlier", CORSConfiguration={"CORSRules": rules})
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::earlier/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    store.put_bucket_policy(Bucket="earlier", Policy=policy)
    with pytest.raises(ClientError, match="404"):
        client.head_bucket(Bucket="earlier")
    with records.write() as connection:  # its creation was cut off
        buckets.add(connection, Bucket("cut-off", settings.account_id, settings.region, 0))
    adopt_buckets(settings, records, store)
    records.close()
    client.put_object(Bucket="cut-off", Key="k", Body=b"")
    client.head_bucket(Bucket="earlier")
    assert json.loads(client.get_bucket_policy(Bucket="earlier")["Policy"]) == json.loads(policy)
    found: Any = client.get_bucket_cors(Bucket="earlier")["CORSRules"]
    assert found == rules


def _store(settings: Settings, records: Records) -> S3Client:
    ports = InternalPorts.read(ports_file(settings))
    assert ports is not None
    key_id, secret = internal_key(records)
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{ports.s3}",
        region_name="us-east-1",
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
    )
