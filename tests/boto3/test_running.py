"""Starting, detecting and stopping, api.md appendix B items 8, 9 and 13."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests.boto3 import settling
from tests.boto3.conftest import install_version, picture, unused_name
from tests.boto3.settling import code_of
from tests.support.eventually import TIMEOUT_SECONDS
from tests.support.live_server import LiveServer
from tests.validation.hostile_images import chunk_flood

from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import ImageTypeDef
    from mypy_boto3_s3 import S3Client

Detect = Callable[..., list[Any]]


def wait_until_running(rekognition: RekognitionClient, arn: str) -> None:
    project_arn, name = project_and_name(rekognition, arn)
    rekognition.get_waiter("project_version_running").wait(
        ProjectArn=project_arn,
        VersionNames=[name],
        WaiterConfig={"Delay": 1, "MaxAttempts": int(TIMEOUT_SECONDS)},
    )


def statuses_until(rekognition: RekognitionClient, arn: str, last: str) -> set[str]:
    project_arn, name = project_and_name(rekognition, arn)
    seen = settling.every_view(
        lambda: rekognition.describe_project_versions(ProjectArn=project_arn, VersionNames=[name])[
            "ProjectVersionDescriptions"
        ][0]["Status"],
        lambda status: status == last,
    )
    return set(seen)


def project_and_name(rekognition: RekognitionClient, arn: str) -> tuple[str, str]:
    """As the guide's samples take an ARN apart."""
    _, project, _, name, _ = arn.split("/")
    (found,) = rekognition.describe_projects(ProjectNames=[project])["ProjectDescriptions"]
    return found["ProjectArn"], name


@pytest.fixture(scope="module")
def running_arn(
    server: LiveServer, live_records: Records, rekognition: RekognitionClient
) -> Iterator[str]:
    project_arn = rekognition.create_project(ProjectName=unused_name())["ProjectArn"]
    arn = install_version(server, live_records, project_arn)
    answer = rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    assert answer["Status"] == "STARTING"
    wait_until_running(rekognition, arn)
    yield arn
    rekognition.stop_project_version(ProjectVersionArn=arn)
    statuses_until(rekognition, arn, "STOPPED")


@pytest.fixture
def detect(rekognition: RekognitionClient, running_arn: str) -> Detect:
    def labels(image: ImageTypeDef, **more: Any) -> list[Any]:
        answer = rekognition.detect_custom_labels(
            ProjectVersionArn=running_arn, Image=image, **more
        )
        return answer["CustomLabels"]

    return labels


def test_08_start_stop_and_start_again(
    rekognition: RekognitionClient, trained_version_arn: str
) -> None:
    arn = trained_version_arn
    rekognition.start_project_version(
        ProjectVersionArn=arn, MinInferenceUnits=1, MaxInferenceUnits=2
    )
    assert statuses_until(rekognition, arn, "RUNNING") <= {"STARTING", "RUNNING"}
    deletion = code_of(lambda: rekognition.delete_project_version(ProjectVersionArn=arn))
    assert deletion == "ResourceInUseException"
    assert rekognition.stop_project_version(ProjectVersionArn=arn)["Status"] == "STOPPING"
    assert statuses_until(rekognition, arn, "STOPPED") <= {"STOPPING", "STOPPED"}
    rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    wait_until_running(rekognition, arn)
    rekognition.stop_project_version(ProjectVersionArn=arn)
    statuses_until(rekognition, arn, "STOPPED")
    project_arn, name = project_and_name(rekognition, arn)
    rekognition.delete_project_version(ProjectVersionArn=arn)
    settling.every_view(
        lambda: rekognition.describe_project_versions(ProjectArn=project_arn, VersionNames=[name])[
            "ProjectVersionDescriptions"
        ],
        lambda versions: versions == [],
    )


def test_13_a_model_that_is_not_running_detects_nothing(
    rekognition: RekognitionClient, trained_version_arn: str
) -> None:
    code = code_of(
        lambda: rekognition.detect_custom_labels(
            ProjectVersionArn=trained_version_arn, Image={"Bytes": picture("PNG")}
        )
    )
    assert code == "ResourceNotReadyException"


def test_13_bytes_and_s3_give_the_same_labels(detect: Detect, s3: S3Client, bucket: str) -> None:
    for image_format in ("PNG", "JPEG"):
        data = picture(image_format)
        s3.put_object(Bucket=bucket, Key="picture", Body=data)
        in_s3 = detect({"S3Object": {"Bucket": bucket, "Name": "picture"}}, MinConfidence=0)
        assert detect({"Bytes": data}, MinConfidence=0) == in_s3
        assert [each["Name"] for each in in_s3] == ["red", "green", "blue"]


def test_13_thresholds_and_limits_on_labels(detect: Detect) -> None:
    image = {"Bytes": picture("PNG")}  # red 80 %, green 60 %; assumed thresholds 50, 60, 70 %
    (red, green) = detect(image)
    assert red == {"Name": "red", "Confidence": pytest.approx(80)}
    assert green == {"Name": "green", "Confidence": pytest.approx(60)}
    assert detect(image, MinConfidence=70) == [red]
    assert detect(image, MinConfidence=red["Confidence"]) == [red]
    assert detect(image, MinConfidence=100) == []
    assert detect(image, MaxResults=1) == [red]
    assert detect(image, MaxResults=0) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"not a picture", "InvalidImageFormatException"),
        (picture("GIF"), "InvalidImageFormatException"),
        (picture("PNG", side=63), "InvalidParameterException"),
        (picture("PNG", side=4097), "ImageTooLargeException"),
        (picture("PNG") + bytes(5 << 20), "ValidationException"),
        (picture("PNG") + bytes(4 << 20), "ImageTooLargeException"),
    ],
    ids=["text", "GIF", "small", "wide", "over 5 MiB", "over 4 MiB"],
)
def test_13_images_that_are_refused(detect: Detect, data: bytes, code: str) -> None:
    assert code_of(lambda: detect({"Bytes": data})) == code


def test_13_a_flood_of_chunks_costs_a_refusal_and_no_unit(
    detect: Detect, server: LiveServer
) -> None:
    def units() -> set[int]:
        return {unit.pid for unit in server.children("lensmith.serving.worker")}

    before = units()
    assert code_of(lambda: detect({"Bytes": chunk_flood()})) == "InvalidImageFormatException"
    assert before <= units()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "InvalidImageFormatException"),
        (picture("PNG") + bytes(15 << 20), "ImageTooLargeException"),
        (None, "InvalidS3ObjectException"),
    ],
    ids=["empty", "over 15 MiB", "missing"],
)
def test_13_objects_that_are_refused(
    detect: Detect, s3: S3Client, bucket: str, data: bytes | None, code: str
) -> None:
    if data is not None:
        s3.put_object(Bucket=bucket, Key="picture", Body=data)
    image = {"S3Object": {"Bucket": bucket, "Name": "picture"}}
    assert code_of(lambda: detect(image)) == code


def test_13_a_version_of_the_object(detect: Detect, s3: S3Client, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    older = s3.put_object(Bucket=bucket, Key="picture", Body=picture("PNG"))["VersionId"]
    s3.put_object(Bucket=bucket, Key="picture", Body=b"not a picture")
    named = {"Bucket": bucket, "Name": "picture"}
    assert detect({"S3Object": {**named, "Version": older}})
    assert code_of(lambda: detect({"S3Object": named})) == "InvalidImageFormatException"
