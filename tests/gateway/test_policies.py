"""IAM policies of our users on the S3 port."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from tests.support.live_server import LiveServer

from lensmith.store.records import accounts
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Statement = dict[str, Any]
NewUser = Callable[..., "S3Client"]

BUCKETS = ["custom-labels-policies", "other-policies"]
READ = ["s3:GetObject", "s3:ListBucket"]


@pytest.fixture(scope="module", autouse=True)
def buckets(s3: S3Client) -> None:
    for bucket in BUCKETS:
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="images/a", Body=b"a")


@pytest.fixture(scope="module")
def records(server: LiveServer) -> Iterator[Records]:
    opened = Records.open(f"sqlite:///{server.home / 'data' / 'records.db'}")
    yield opened
    opened.close()


@pytest.fixture
def new_user(server: LiveServer, records: Records) -> NewUser:
    """Makes a user with one policy of these statements; returns its S3 client."""

    def make(*statements: Statement) -> S3Client:
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        name = f"user-{uuid.uuid4().hex[:8]}"
        with records.write() as connection:
            arn = accounts.create_user(connection, "000000000000", name, [policy])
            key = accounts.create_access_key(connection, arn)
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{server.s3_port}",
            region_name="us-east-1",
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
        )

    return make


def allow(actions: str | list[str], resources: str | list[str] = "*", **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny(actions: str | list[str], resources: str | list[str] = "*", **more: Any) -> Statement:
    return {"Effect": "Deny", "Action": actions, "Resource": resources, **more}


def can_read(client: S3Client, bucket: str, key: str = "images/a") -> bool:
    return _allowed(lambda: client.get_object(Bucket=bucket, Key=key))


def can_write(client: S3Client, bucket: str, key: str = "new") -> bool:
    return _allowed(lambda: client.put_object(Bucket=bucket, Key=key, Body=b"x"))


def _allowed(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDenied":
            return False
        raise
    return True


def test_the_managed_policy_reaches_custom_labels_buckets_only(new_user: NewUser) -> None:
    client = new_user(
        allow([*READ, "s3:PutObject", "s3:GetBucketAcl"], "arn:aws:s3:::*custom-labels*"),
        allow("rekognition:*"),
    )
    assert can_read(client, BUCKETS[0])
    assert can_write(client, BUCKETS[0])
    assert client.get_bucket_acl(Bucket=BUCKETS[0])["Owner"]["ID"] == "000000000000"
    assert not can_read(client, BUCKETS[1])
    assert not can_write(client, BUCKETS[1])
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket=BUCKETS[0], Key="images/a")


def test_rights_on_a_folder_stay_in_it(new_user: NewUser) -> None:
    folder = f"arn:aws:s3:::{BUCKETS[0]}/images/*"
    client = new_user(allow("s3:GetObject", folder))
    assert can_read(client, BUCKETS[0])
    assert not can_read(client, BUCKETS[0], "secret")
    assert not can_write(client, BUCKETS[0], "images/new")


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([allow("rekognition:*")], id="no S3 at all"),
        pytest.param([allow("*"), deny("s3:*")], id="deny"),
        pytest.param([allow("*"), deny("s3:GetObject", "arn:aws:s3:::*/images/*")], id="folder"),
        pytest.param(
            [allow("*"), {"Effect": "Deny", "NotAction": "rekognition:*", "Resource": "*"}],
            id="deny NotAction",
        ),
        pytest.param(
            [allow("*"), {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::none*"}],
            id="deny NotResource",
        ),
        pytest.param(
            [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], id="allow NotAction"
        ),
        pytest.param(
            [allow("*", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})],
            id="allow elsewhere",
        ),
        pytest.param(
            [allow("*", Condition={"StringEquals": {"aws:ResourceTag/team": "vision"}})],
            id="allow by tag",
        ),
        pytest.param(
            [allow("*"), deny("s3:*", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o"}})],
            id="deny outsiders",
        ),
        pytest.param(
            [allow("*"), deny("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})],
            id="deny plain HTTP",
        ),
        pytest.param(
            [allow("*", Condition={"DateLessThan": {"aws:CurrentTime": "2001-01-01T00:00:00Z"}})],
            id="allow in the past",
        ),
    ],
)
def test_rights_are_never_wider_than_the_policy(
    new_user: NewUser, statements: list[Statement]
) -> None:
    client = new_user(*statements)
    assert not can_read(client, BUCKETS[0])


def test_one_users_policy_leaves_the_others_alone(new_user: NewUser, server: LiveServer) -> None:
    new_user(deny("*"))
    assert can_write(new_user(allow("s3:*")), BUCKETS[1])
    assert can_write(server.s3(), BUCKETS[1])
