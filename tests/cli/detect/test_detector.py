"""How a model is asked that is busy or broken: botocore's own stub stands for the service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from lensmith.cli.detect.detector import Detector
from lensmith.cli.detect.failure import DetectError, PictureError
from lensmith.cli.detect.result import Found
from lensmith.domain.geometry import Box

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

ARN = "arn:aws:rekognition:us-east-1:000000000000:project/p/version/v/1"
OPERATION = "detect_custom_labels"
ASKED = {"Image": {"Bytes": b"picture"}, "ProjectVersionArn": ARN}
PLACE = {"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.4}
ANSWER = {
    "CustomLabels": [
        {"Name": "bolt", "Confidence": 99.5, "Geometry": {"BoundingBox": PLACE}},
        {"Name": "rust", "Confidence": 50.0},
    ]
}


@pytest.fixture
def client() -> RekognitionClient:
    return boto3.client(
        "rekognition",
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def stub(client: RekognitionClient) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def find(client: RekognitionClient) -> tuple[Found, ...]:
    return Detector(client, ARN, first_pause=0.001).find({"Bytes": b"picture"})


def test_wishes_are_sent_and_the_answer_is_read(client: RekognitionClient, stub: Stubber) -> None:
    wishes = {"MinConfidence": 0.0, "MaxResults": 0}
    stub.add_response(OPERATION, ANSWER, {**ASKED, **wishes})
    found = Detector(client, ARN, min_confidence=0.0, max_results=0).find({"Bytes": b"picture"})
    assert found == (Found("bolt", 99.5, Box(0.1, 0.2, 0.3, 0.4)), Found("rust", 50.0))


def test_a_busy_model_is_waited_for(client: RekognitionClient, stub: Stubber) -> None:
    for _ in range(6):
        stub.add_client_error(OPERATION, "ProvisionedThroughputExceededException")
    stub.add_response(OPERATION, ANSWER, ASKED)
    assert len(find(client)) == 2


def test_a_failing_server_gets_four_chances(client: RekognitionClient, stub: Stubber) -> None:
    for _ in range(4):
        stub.add_client_error(OPERATION, "InternalServerError", "Internal server error")
    with pytest.raises(PictureError, match="Internal server error"):
        find(client)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("InvalidImageFormatException", PictureError),
        ("InvalidS3ObjectException", PictureError),
        ("ResourceNotReadyException", DetectError),
        ("AccessDeniedException", DetectError),
        ("ExpiredTokenException", DetectError),
    ],
)
def test_what_ends_a_picture_and_what_the_run(
    client: RekognitionClient, stub: Stubber, code: str, error: type[Exception]
) -> None:
    stub.add_client_error(OPERATION, code, "for a reason")
    with pytest.raises(error, match=f"{code}: for a reason"):
        find(client)


def test_a_run_that_ends_waits_for_nothing(client: RekognitionClient, stub: Stubber) -> None:
    detector = Detector(client, ARN)
    detector.stop()
    stub.add_client_error(OPERATION, "ProvisionedThroughputExceededException")
    with pytest.raises(PictureError, match="Provisioned"):
        detector.find({"Bytes": b"picture"})


def test_a_server_that_is_gone_ends_the_run() -> None:
    gone = boto3.client(
        "rekognition",
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with pytest.raises(DetectError, match="Is the server running"):
        find(gone)
