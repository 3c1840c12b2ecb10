"""With and without the fast path every request has the same reply."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.httpsession import URLLib3Session
from tests.api.conftest import Api
from tests.api.test_steps import signed_request

VERSION = "arn:aws:rekognition:us-east-1:111122223333:project/parts/version/v1/1690556751958"
SMALL, LARGE = (random.Random(0).randbytes(size) for size in (1_000, 3_000_000))
OF_ONE_REPLY = {"date", "x-amzn-requestid"}


@pytest.fixture(name="usual", scope="module")
def usual_fixture(api: Api) -> Iterator[Api]:
    """The server without any of it: Starlette's routes, uvicorn's own protocol."""
    with api.served(http="httptools", fast_path=False) as running:
        yield running


def detection(image: bytes, **members: Any) -> bytes:
    given = {"Bytes": base64.b64encode(image).decode()}
    return json.dumps({"ProjectVersionArn": VERSION, "Image": given, **members}).encode()


@pytest.mark.parametrize(
    ("operation", "body", "status"),
    [
        ("DetectCustomLabels", detection(SMALL), 200),
        ("DetectCustomLabels", detection(LARGE), 200),
        ("DetectCustomLabels", detection(LARGE, MaxResults=3), 200),
        ("DetectCustomLabels", detection(LARGE, MaxResults="3"), 400),
        ("DetectCustomLabels", detection(LARGE, MinConfidence=200), 400),
        ("DetectCustomLabels", detection(LARGE)[:-1], 400),
        ("DetectCustomLabels", detection(LARGE).replace(b"/", rb"\/"), 200),
        ("DetectCustomLabels", detection(SMALL, Unknown=[1] * 100_000), 200),
        ("DetectCustomLabels", b"x" * (9 << 20), 413),
        ("DetectFaces", detection(LARGE), 400),
        ("DescribeProjects", b"{}", 200),
        ("StopProjectVersion", json.dumps({"ProjectVersionArn": VERSION}).encode(), 400),
    ],
)
def test_the_reply_is_the_same(
    api: Api, usual: Api, operation: str, body: bytes, status: int
) -> None:
    quick, slow = (sent(each, operation, body) for each in (api, usual))
    assert quick == slow
    assert quick[0] == status


def sent(api: Api, operation: str, body: bytes) -> tuple[int, dict[str, str], dict[str, Any]]:
    request = signed_request(api, f"RekognitionService.{operation}", body)
    reply = URLLib3Session().send(request.prepare())
    headers = {name.lower(): value for name, value in reply.headers.items()}
    content = json.loads(reply.content)
    content.pop("Logref", None)  # the request id
    return (
        reply.status_code,
        {name: value for name, value in headers.items() if name not in OF_ONE_REPLY},
        content,
    )


def test_a_wrong_signature_of_a_large_body_is_refused_either_way(api: Api, usual: Api) -> None:
    codes = []
    for each in (api, usual):
        request = signed_request(
            each, "RekognitionService.DetectCustomLabels", detection(LARGE)
        ).prepare()
        request.body = detection(LARGE[::-1])
        codes.append(json.loads(URLLib3Session().send(request).content)["__type"])
    assert codes == ["InvalidSignatureException"] * 2
