from __future__ import annotations

import http.client
import json
import os
import queue
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from tests.api.conftest import ORIGIN, REGION, Api

from lensmith.api.body import BODY_LIMIT, BodyLimits

VERSION = "arn:aws:rekognition:us-east-1:111122223333:project/parts/version/v1/1690556751958"


@contextmanager
def connection(api: Api) -> Iterator[http.client.HTTPConnection]:
    opened = http.client.HTTPConnection(urlsplit(api.endpoint).netloc, timeout=60)
    yield opened
    opened.close()


def aws(api: Api, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the AWS CLI as a user would, with no files of this machine's owner."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "AWS_ACCESS_KEY_ID": api.key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": api.key.secret_access_key,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL_REKOGNITION": api.endpoint,
    }
    command = [str(Path(sys.executable).parent / "aws"), "rekognition", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_boto3_and_the_aws_cli_see_the_same_projects(api: Api, tmp_path: Path) -> None:
    created = aws(api, "create-project", "--project-name", "from-cli", "--tags", "team=vision")
    assert created.returncode == 0, created.stderr
    arn = json.loads(created.stdout)["ProjectArn"]
    (project,) = api.client().describe_projects(ProjectNames=["from-cli"])["ProjectDescriptions"]
    assert project["ProjectArn"] == arn
    assert project["Datasets"] == []

    image = tmp_path / "image.bin"
    image.write_bytes(b"x" * 1000)
    detected = aws(
        api, "detect-custom-labels", "--project-version-arn", VERSION, "--image-bytes",
        f"fileb://{image}",
    )  # fmt: skip
    assert json.loads(detected.stdout)["CustomLabels"][0]["Name"] == "1000"

    again = aws(api, "create-project", "--project-name", "from-cli")
    assert "(ResourceInUseException)" in again.stderr


def test_every_reply_has_a_request_id(api: Api) -> None:
    metadata = api.client().describe_projects()["ResponseMetadata"]
    assert uuid.UUID(metadata["RequestId"])
    assert metadata["HTTPHeaders"]["content-type"] == "application/x-amz-json-1.1"
    assert "access-control-allow-origin" not in metadata["HTTPHeaders"]

    with pytest.raises(ClientError) as caught:
        api.client().stop_project_version(ProjectVersionArn=VERSION)
    refused = caught.value.response["ResponseMetadata"]
    assert uuid.UUID(refused["RequestId"])
    assert refused["HTTPStatusCode"] == 400
    headers = refused["HTTPHeaders"]
    assert headers["x-amzn-errortype"] == "ResourceNotFoundException"


def test_pages_of_a_configured_origin_may_call(api: Api) -> None:
    with connection(api) as browser:
        browser.request("OPTIONS", "/", headers={"Origin": ORIGIN})
        reply = browser.getresponse()
    assert reply.status == 200
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert reply.headers["Access-Control-Expose-Headers"] == "x-amzn-RequestId,x-amzn-ErrorType"
    assert reply.headers["Vary"] == "origin"
    assert reply.headers["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert "x-amz-target" in reply.headers["Access-Control-Allow-Headers"].split(", ")


def test_health_needs_no_signature(api: Api) -> None:
    with connection(api) as monitor:
        monitor.request("GET", "/_lensmith/health")
        reply = monitor.getresponse()
        assert (reply.status, json.load(reply)) == (200, {"status": "ok"})
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Cache-Control"] == "no-store"
        assert uuid.UUID(reply.headers["x-amzn-RequestId"])


def test_a_path_with_a_nul_character_is_refused(api: Api) -> None:
    with connection(api) as client:
        client.request("GET", "/_lensmith/projects/a%00/health")
        reply = client.getresponse()
        assert reply.status == 400
        assert uuid.UUID(reply.headers["x-amzn-RequestId"])


def test_the_largest_image_fits_and_a_larger_one_is_refused(api: Api) -> None:
    client = api.client()
    largest = client.detect_custom_labels(
        ProjectVersionArn=VERSION, Image={"Bytes": b"x" * 5_242_880}
    )
    assert largest["CustomLabels"][0]["Name"] == "5242880"
    for size, code in [
        (5_242_881, "ValidationException"),
        (20_000_000, "RequestEntityTooLargeException"),
    ]:
        with pytest.raises(ClientError) as caught:
            client.detect_custom_labels(ProjectVersionArn=VERSION, Image={"Bytes": b"x" * size})
        assert caught.value.response["Error"]["Code"] == code
    assert client.describe_projects()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_body_without_declared_length_is_cut_at_the_limit(api: Api) -> None:
    chunks = (b"x" * 65536 for _ in range(BODY_LIMIT // 65536 + 1))
    headers = {"X-Amz-Target": "RekognitionService.DescribeProjects"}
    with connection(api) as client:
        client.request("POST", "/", chunks, headers, encode_chunked=True)
        reply = client.getresponse()
        assert reply.status == 413
        assert json.load(reply)["__type"] == "RequestEntityTooLargeException"


def test_a_client_that_leaves_early_disturbs_nobody(api: Api) -> None:
    with connection(api) as client:
        client.putrequest("POST", "/")
        client.putheader("X-Amz-Target", "RekognitionService.DescribeProjects")
        client.putheader("Content-Length", "1000")
        client.endheaders(b"{")
    assert api.client().describe_projects()["ResponseMetadata"]["HTTPStatusCode"] == 200


def stalled_detection(
    api: Api, stay: ExitStack, sent: int = BODY_LIMIT // 2
) -> http.client.HTTPConnection:
    """A client that sent part of a body and no more."""
    client = stay.enter_context(connection(api))
    client.putrequest("POST", "/")
    client.putheader("X-Amz-Target", "RekognitionService.DetectCustomLabels")
    client.putheader("Content-Length", str(BODY_LIMIT))
    client.endheaders(b"x" * sent)
    return client


def test_clients_that_stall_hold_no_thread(api: Api) -> None:
    """Ten of them, where two threads detect and one call may wait."""
    with ExitStack() as stay:
        for _ in range(10):
            stalled_detection(api, stay)
        labels = api.client().detect_custom_labels(
            ProjectVersionArn=VERSION, Image={"Bytes": b"served"}
        )["CustomLabels"]
    assert labels[0]["Name"] == "6"


@pytest.mark.parametrize("limits", [BodyLimits(pause_seconds=0.2), BodyLimits(seconds=0.2)])
def test_a_body_that_does_not_come_is_given_up(api: Api, limits: BodyLimits) -> None:
    with api.served(limits=limits) as impatient, ExitStack() as stay:
        reply = stalled_detection(impatient, stay, sent=1000).getresponse()
        assert reply.status == 408
        assert reply.headers["Connection"] == "close"
        assert json.load(reply)["__type"] == "RequestTimeoutException"


def test_control_stays_quick_while_detection_is_saturated(api: Api) -> None:
    """Two threads detect, one call waits for them, one is told that it is too much."""
    client = api.client()
    answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def detect() -> None:
        try:
            client.detect_custom_labels(ProjectVersionArn=VERSION, Image={"Bytes": b"x"})
            answers.put("detected")
        except ClientError as error:
            answers.put(error.response["Error"]["Code"])

    while api.detecting.acquire(blocking=False):
        pass  # forget the detections of other tests
    api.gate.clear()
    threads = [threading.Thread(target=detect) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        assert answers.get(timeout=60) == "ProvisionedThroughputExceededException"
        for _ in range(2):
            assert api.detecting.acquire(timeout=60)
        for _ in range(10):
            assert client.describe_projects()["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert answers.empty()
    finally:
        api.gate.set()
    for thread in threads:
        thread.join()
    assert [answers.get() for _ in range(3)] == ["detected"] * 3
