"""Accounts and manifests on the live server."""

from __future__ import annotations

import io
import json
import random
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from PIL import Image
from tests.boto3.recorded import record_version
from tests.support.artefacts import average_colour
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records import accounts
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import GroundTruthManifestTypeDef
    from mypy_boto3_s3 import S3Client

EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "rekognition:*", "Resource": "*"}],
}


@pytest.fixture(scope="session")
def live_records(server: LiveServer) -> Iterator[Records]:
    """The live server's records, to put resources into states that need a trained model."""
    records = Records.of(Settings(server.home / "data"))
    yield records
    records.close()


@pytest.fixture
def rekognition_as(server: LiveServer, live_records: Records) -> Callable[..., RekognitionClient]:
    """Makes clients of users with a policy of their own, in a fresh account unless named."""

    def make(policy: dict[str, Any] = EVERYTHING, account_id: str = "") -> RekognitionClient:
        account = account_id or f"{random.SystemRandom().randrange(10**12):012}"
        with live_records.write() as connection:
            accounts.create_account(connection, account)
            arn = accounts.create_user(connection, account, uuid.uuid4().hex, [policy])
            key = accounts.create_access_key(connection, arn)
        return boto3.client(
            "rekognition",
            endpoint_url=f"http://127.0.0.1:{server.port}",
            region_name="us-east-1",
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
            config=Config(retries={"total_max_attempts": 1}),
        )

    return make


@pytest.fixture
def trained_version_arn(server: LiveServer, live_records: Records, project_arn: str) -> str:
    return install_version(server, live_records, project_arn)


def install_version(
    server: LiveServer, records: Records, project_arn: str, name: str = "v1"
) -> str:
    """A version whose model scores the mean red, green and blue of a picture; its ARN."""
    version = record_version(records, project_arn, VersionStatus.TRAINING_COMPLETED, name)
    average_colour(server.home / "data" / "models" / str(version.id))
    return version.arn


def unused_name() -> str:
    return f"parts-{uuid.uuid4().hex[:10]}"


@pytest.fixture
def project_name() -> str:
    return unused_name()


@pytest.fixture
def project_arn(rekognition: RekognitionClient, project_name: str) -> str:
    return rekognition.create_project(ProjectName=project_name)["ProjectArn"]


def picture(image_format: str, side: int = 64) -> bytes:
    """A file with a picture of one colour, more red than green and without blue."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), (204, 153, 0)).save(file, image_format)
    return file.getvalue()


def manifest_lines(bucket: str, labels: dict[str, str]) -> bytes:
    """JSON lines of image-level labels: picture name -> label."""
    lines = [
        {
            "source-ref": f"s3://{bucket}/images/{name}",
            "kind": 1,
            "kind-metadata": {
                "class-name": label,
                "confidence": 1,
                "type": "groundtruth/image-classification",
                "job-name": "labeling-job/kind",
                "human-annotated": "yes",
                "creation-date": "2026-05-06T07:08:09",
            },
        }
        for name, label in labels.items()
    ]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@pytest.fixture
def manifest(s3: S3Client, bucket: str) -> GroundTruthManifestTypeDef:
    """A GroundTruthManifest of twenty pictures, ten of each of two labels."""
    labels = {f"{number}.png": ("bolt", "nut")[number % 2] for number in range(20)}
    s3.put_object(Bucket=bucket, Key="train.manifest", Body=manifest_lines(bucket, labels))
    return {"S3Object": {"Bucket": bucket, "Name": "train.manifest"}}
