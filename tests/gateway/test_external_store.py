"""With an S3 of one's own there is no gateway: the server judges, then signs for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from tests.support.live_server import LiveServer, free_port

from lensmith.config import Settings
from lensmith.store.internal_key import internal_key
from lensmith.store.internal_ports import InternalPorts, ports_file
from lensmith.store.records import accounts
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

LINE = (
    '{"source-ref":"s3://%s/a.jpg","c":1,"c-metadata":{"type":"groundtruth/image-classification",'
)
LINE += '"class-name":"bolt","confidence":1,"human-annotated":"yes","job-name":"j",'
LINE += '"creation-date":"2026-01-01T00:00:00"}}\n'


@pytest.fixture(scope="module")
def external(
    server: LiveServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[LiveServer, Any]]:
    """A server on the shared server's SeaweedFS, as if that were elsewhere; a client of it."""
    settings = Settings(server.home / "data")
    ports = InternalPorts.read(ports_file(settings))
    assert ports is not None
    records = Records.of(settings)
    key_id, secret = internal_key(records)
    records.close()
    address = f"http://127.0.0.1:{ports.s3}"
    given = {
        "LENSMITH_S3_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": key_id,
        "AWS_SECRET_ACCESS_KEY": secret,
    }
    live = LiveServer(tmp_path_factory.mktemp("external"), given=given)
    live.s3_port = free_port()
    live.start()
    store = boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
    )
    yield live, store
    assert live.stop() == 0, live.log.read_text()


@pytest.fixture(scope="module")
def caller(external: tuple[LiveServer, Any]) -> Callable[..., RekognitionClient]:
    """Makes users with these statements, as clients of the API."""
    live, _ = external
    records = Records.of(Settings(live.home / "data"))

    def make(name: str, *statements: dict[str, Any]) -> RekognitionClient:
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        with records.write() as connection:
            arn = accounts.create_user(connection, "000000000000", name, [policy])
            key = accounts.create_access_key(connection, arn)
        return boto3.client(
            "rekognition",
            endpoint_url=f"http://127.0.0.1:{live.port}",
            region_name="us-east-1",
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
        )

    return make


def test_no_port_of_its_own(external: tuple[LiveServer, Any]) -> None:
    live, _ = external
    assert live.children("lensmith.gateway") == []
    assert live.children("weed") == []


def test_the_caller_needs_rights_in_s3(
    external: tuple[LiveServer, Any], caller: Callable[..., RekognitionClient]
) -> None:
    _, store = external
    store.create_bucket(Bucket="external-data")
    store.put_object(
        Bucket="external-data", Key="train.manifest", Body=LINE.replace("%s", "external-data")
    )
    of_api = {"Effect": "Allow", "Action": "rekognition:*", "Resource": "*"}
    of_s3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    denied = {
        "Effect": "Deny",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::external-data/train*",
        "Condition": {"StringEquals": {"aws:username": "denied"}},
    }
    without, refused, allowed = (
        caller("without", of_api),
        caller("denied", of_api, of_s3, denied),
        caller("allowed", of_api, of_s3, denied),
    )
    project = allowed.create_project(ProjectName="external")["ProjectArn"]
    place: Any = {"S3Object": {"Bucket": "external-data", "Name": "train.manifest"}}
    source: Any = {"GroundTruthManifest": place}
    for user in (without, refused):
        with pytest.raises(ClientError, match="InvalidS3ObjectException"):
            user.create_dataset(ProjectArn=project, DatasetType="TRAIN", DatasetSource=source)
    created = allowed.create_dataset(ProjectArn=project, DatasetType="TRAIN", DatasetSource=source)
    assert created["DatasetArn"].startswith("arn:aws:rekognition:us-east-1:000000000000:")
