"""S3 objects named in requests are read with the caller's rights, in the version asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from tests.boto3 import settling
from tests.boto3.conftest import manifest_lines
from tests.boto3.settling import code_of

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import GroundTruthManifestTypeDef
    from mypy_boto3_s3 import S3Client


def create_train(rekognition: RekognitionClient, project_arn: str, **s3_object: str) -> str:
    source: Any = {"GroundTruthManifest": {"S3Object": s3_object}}
    return rekognition.create_dataset(
        ProjectArn=project_arn, DatasetType="TRAIN", DatasetSource=source
    )["DatasetArn"]


@pytest.mark.parametrize(
    "s3_object",
    [
        {"Bucket": "no-such-bucket-anywhere", "Name": "train.manifest"},
        {"Bucket": "{bucket}", "Name": "no.manifest"},
        {"Bucket": "{bucket}", "Name": "../{bucket}/train.manifest"},
        {"Bucket": "{bucket}", "Name": "train.manifest", "Version": "no-such-version"},
        {"Bucket": "Not_A_Bucket", "Name": "train.manifest"},
        {"Bucket": "...", "Name": "train.manifest"},
    ],
)
def test_an_unreachable_manifest_is_refused_at_once(
    rekognition: RekognitionClient,
    project_arn: str,
    manifest: GroundTruthManifestTypeDef,
    s3_object: dict[str, str],
) -> None:
    bucket = manifest["S3Object"]["Bucket"]
    named = {member: value.format(bucket=bucket) for member, value in s3_object.items()}
    code = code_of(lambda: create_train(rekognition, project_arn, **named))
    assert code == "InvalidS3ObjectException"
    (project,) = rekognition.describe_projects(ProjectNames=[project_arn.split("/")[1]])[
        "ProjectDescriptions"
    ]
    assert project["Datasets"] == []


def test_a_caller_without_rights_in_s3_is_refused(
    rekognition_as: Callable[..., RekognitionClient],
    project_arn: str,
    manifest: GroundTruthManifestTypeDef,
) -> None:
    without_s3 = rekognition_as(account_id=project_arn.split(":")[4])
    code = code_of(lambda: create_train(without_s3, project_arn, **manifest["S3Object"]))
    assert code == "InvalidS3ObjectException"


def test_a_version_of_the_manifest_can_be_named(
    rekognition: RekognitionClient, s3: S3Client, project_arn: str, bucket: str
) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    key = "train.manifest"
    older = manifest_lines(bucket, {"1.png": "bolt", "2.png": "nut"})
    version = s3.put_object(Bucket=bucket, Key=key, Body=older)["VersionId"]
    s3.put_object(Bucket=bucket, Key=key, Body=manifest_lines(bucket, {"3.png": "bolt"}))
    unknown = version[::-1]
    code = code_of(
        lambda: create_train(rekognition, project_arn, Bucket=bucket, Name=key, Version=unknown)
    )
    assert code == "InvalidS3ObjectException"
    arn = create_train(rekognition, project_arn, Bucket=bucket, Name=key, Version=version)
    description = settling.dataset(rekognition, arn)[-1]
    assert description["DatasetStats"]["TotalEntries"] == 2
