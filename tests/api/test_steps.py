from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
import structlog
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from structlog.testing import LogCapture
from tests.api.conftest import REGION, Api

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

VERSION = "arn:aws:rekognition:us-east-1:111122223333:project/parts/version/v1/1690556751958"
DATASET = "arn:aws:rekognition:us-east-1:111122223333:project/parts/dataset/train/1690556751958"
PROJECT = "arn:aws:rekognition:us-east-1:111122223333:project/parts/1690556751958"


@pytest.fixture
def logs() -> Any:
    capture = LogCapture()
    before = structlog.get_config()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, capture])
    yield capture.entries
    structlog.configure(**before)


def refused(call: Callable[[], object]) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as caught:
        call()
    error, metadata = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    return error["Code"], error["Message"], metadata["HTTPStatusCode"]


def post(api: Api, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
    request = Request(api.endpoint, body, headers, method="POST")
    try:
        with urlopen(request) as reply:
            return reply.status, json.load(reply)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def unsigned(api: Api, target: str | None, body: bytes) -> tuple[int, dict[str, Any]]:
    return post(api, {"X-Amz-Target": target} if target else {}, body)


def signed(api: Api, target: str, body: bytes) -> tuple[int, dict[str, Any]]:
    return post(api, dict(signed_request(api, target, body).headers.items()), body)


def signed_request(api: Api, target: str, body: bytes) -> AWSRequest:
    request = AWSRequest("POST", f"{api.endpoint}/", {"X-Amz-Target": target}, data=body)
    key = Credentials(api.key.access_key_id, api.key.secret_access_key)
    SigV4Auth(key, "rekognition", REGION).add_auth(request)
    return request


@pytest.mark.parametrize(
    ("target", "body", "code"),
    [
        (None, b"{}", "UnknownOperationException"),
        ("RekognitionService.DetectFaces", b"{", "UnknownOperationException"),
        ("RekognitionService.PutProjectPolicy", b"{", "UnknownOperationException"),
        ("RekognitionService.DescribeProjects", b"{", "SerializationException"),
        ("RekognitionService.DescribeProjects", b'{"MaxResults":"1"}', "SerializationException"),
        (
            "RekognitionService.DescribeProjects",
            b'{"MaxResults":500}',
            "MissingAuthenticationTokenException",
        ),
    ],
)
def test_target_then_body_then_signature(
    api: Api, target: str | None, body: bytes, code: str
) -> None:
    status, error = unsigned(api, target, body)
    assert status == 400
    assert error.keys() == {"__type", "message"}
    assert error["__type"] == code
    assert error["message"]


def test_constraints_then_authorisation_then_existence(api: Api) -> None:
    nobody = api.client(api.user("nobody"))
    assert refused(lambda: nobody.describe_projects(MaxResults=500)) == (
        "ValidationException",
        "1 validation error detected: Value '500' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 100",
        400,
    )
    assert refused(lambda: nobody.delete_project(ProjectArn=PROJECT)) == (
        "AccessDeniedException",
        "User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: "
        f"rekognition:DeleteProject on resource: {PROJECT}",
        400,
    )
    code, message, status = refused(lambda: api.client().delete_project(ProjectArn=PROJECT))
    assert (code, status) == ("ResourceNotFoundException", 400)
    assert PROJECT in message


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.describe_dataset(DatasetArn=DATASET),
        lambda client: client.start_project_version(ProjectVersionArn=VERSION, MinInferenceUnits=1),
        lambda client: client.delete_dataset(DatasetArn=DATASET),
    ],
    ids=["unexpected exception", "error the model does not list", "reply of another shape"],
)
def test_our_defects_are_internal_errors_without_detail(
    api: Api, logs: list[Any], call: Callable[[RekognitionClient], object]
) -> None:
    error = refused(lambda: call(api.client()))
    assert error == ("InternalServerError", "Internal server error", 500)
    failure, line = logs
    assert failure["log_level"] == "error"
    assert failure["exc_info"]
    assert line["error"] == "InternalServerError"
    assert failure["request_id"] == line["request_id"]


def test_a_modelled_error_has_its_four_members(api: Api) -> None:
    body = json.dumps({"ProjectVersionArn": VERSION}).encode()
    status, error = signed(api, "RekognitionService.StopProjectVersion", body)
    assert status == 400
    assert error.pop("Logref")
    assert error == {
        "__type": "ResourceNotFoundException",
        "Code": "ResourceNotFoundException",
        "Message": f"The resource specified in the request cannot be found: {VERSION}",
    }


def test_an_empty_body_is_an_empty_request(api: Api) -> None:
    status, reply = signed(api, "RekognitionService.DescribeProjects", b"")
    assert status == 200
    assert "ProjectDescriptions" in reply


def test_one_line_is_logged_for_a_call(api: Api, logs: list[Any]) -> None:
    reply = api.client().detect_custom_labels(
        ProjectVersionArn=VERSION, Image={"Bytes": b"not to be logged"}
    )
    refused(lambda: api.client().describe_projects(MaxResults=500))
    unsigned(api, "RekognitionService.DescribeProjects", b"{}")
    first, second, third = logs
    assert first.pop("duration_ms") >= 0
    assert first == {
        "event": "call",
        "log_level": "info",
        "request_id": reply["ResponseMetadata"]["RequestId"],
        "operation": "DetectCustomLabels",
        "caller": "arn:aws:iam::111122223333:user/ada",
        "status": 200,
        "error": None,
    }
    assert second["error"] == "ValidationException"
    assert second["caller"] == first["caller"]
    assert "caller" not in third
    assert third["error"] == "MissingAuthenticationTokenException"
    assert api.key.secret_access_key not in str(logs)


def test_a_call_sent_before_the_last_was_answered_is_not_logged_as_its_caller(
    api: Api, logs: list[Any]
) -> None:
    body = json.dumps({"ProjectVersionArn": VERSION, "Image": {"Bytes": "aQ=="}}).encode()
    detection = signed_request(api, "RekognitionService.DetectCustomLabels", body)
    address = urlsplit(api.endpoint)
    with socket.create_connection((address.hostname or "", address.port or 0)) as client:
        client.sendall(as_sent(detection) + as_sent(AWSRequest("POST", f"{api.endpoint}/")))
        received = b""
        while received.count(b"HTTP/1.1") < 2:
            received += client.recv(65536)
    first, second = logs
    assert (first["status"], second["error"]) == (200, "UnknownOperationException")
    assert "caller" in first
    assert "caller" not in second


def as_sent(request: AWSRequest) -> bytes:
    body = request.data or b""
    headers = {**dict(request.headers.items()), "Content-Length": str(len(body))}
    headers.setdefault("Host", urlsplit(str(request.url)).netloc)
    lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
    return "".join(["POST / HTTP/1.1\r\n", *lines, "\r\n"]).encode() + body
