"""Users of two accounts, as S3 clients."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from tests.support.live_server import LiveServer

from lensmith.store.records import accounts
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass(frozen=True)
class User:
    """A user and its key."""

    arn: str
    key_id: str
    secret: str
    s3: S3Client


@pytest.fixture(scope="session")
def records(server: LiveServer) -> Iterator[Records]:
    opened = Records.open(f"sqlite:///{server.home / 'data' / 'records.db'}")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def make_user(server: LiveServer, records: Records) -> Callable[..., User]:
    """Makes a user with one policy of these statements."""

    def make(*statements: dict[str, Any], account: str = "000000000000") -> User:
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        name = f"user-{uuid.uuid4().hex[:8]}"
        with records.write() as connection:
            accounts.create_account(connection, account)
            arn = accounts.create_user(connection, account, name, [policy])
            key = accounts.create_access_key(connection, arn)
        client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{server.s3_port}",
            region_name="us-east-1",
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )
        return User(arn, key.access_key_id, key.secret_access_key, client)

    return make


@pytest.fixture(scope="session")
def stranger(make_user: Callable[..., User]) -> User:
    """The administrator of another account."""
    return make_user(ALLOW_ALL, account="222233334444")
