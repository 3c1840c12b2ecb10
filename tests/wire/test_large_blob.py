"""Bodies with a large blob are read as any other; the oracle is the standard library."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest

from lensmith.domain.errors import SerializationException
from lensmith.wire import large_blob
from lensmith.wire.json_protocol import parse_request
from lensmith.wire.service_model import input_shape

SHAPE = input_shape("DetectCustomLabels")
ARN = "arn:aws:rekognition:us-east-1:111122223333:project/a/version/b/1"
PICTURE = random.Random(0).randbytes(100_000)
TEXT = base64.b64encode(PICTURE).decode()
STAND_IN = base64.b64encode(large_blob._STAND_IN).decode()


def body_of(image: str, rest: str = "") -> str:
    return f'{{"ProjectVersionArn": "{ARN}", "Image": {{{image}}}{rest}}}'


def expected(body: str) -> dict[str, Any]:
    given = json.loads(body)
    image = given["Image"]
    if "Bytes" in image:
        image["Bytes"] = base64.b64decode(image["Bytes"], validate=True)
    return {name: given[name] for name in SHAPE.members if name in given}


@pytest.mark.parametrize(
    "body",
    [
        body_of(f'"Bytes": "{TEXT}"'),
        body_of(f'"Bytes":"{TEXT}"', ', "MaxResults": 3, "MinConfidence": 0.5'),
        body_of(f'"Bytes": "{TEXT.replace("/", chr(92) + "/")}"'),  # as some encoders write it
        body_of(f'"Bytes": "\\u{ord(TEXT[0]):04x}{TEXT[1:]}"'),
        body_of(f'"Bytes": "AAAA", "Bytes": "{TEXT}"'),  # the last one counts
        body_of(f'"Bytes": "{TEXT}", "Bytes": "AAAA"'),
        body_of('"Bytes": "AAAA"', f', "Unknown": "{TEXT}"'),
        body_of('"Bytes": "AAAA"', f', "Unknown": [{"1," * 100_000} 1]'),
        body_of(f'"Bytes": {" " * 200_000} "AAAA"'),
        body_of(f'"S3Object": {{"Bucket": "b", "Name": "{TEXT}"}}'),
    ],
)
def test_it_is_what_the_standard_library_reads(body: str) -> None:
    assert parse_request(SHAPE, body.encode()) == expected(body)


@pytest.mark.parametrize(
    "body",
    [
        body_of(f'"Bytes": "{TEXT[:-1]}"'),  # its padding is wrong
        body_of(f'"Bytes": "{TEXT}\u00e9"'),
        body_of(f'"Bytes": "{TEXT}\n"'),
        body_of(f'"Bytes": "x\\"{TEXT}"'),
        body_of(f'"Bytes": "{TEXT}'),
        body_of(f'"Bytes": ["{TEXT}"]'),
        f'"{TEXT}"',
        f'["{TEXT}"]',
    ],
)
def test_what_is_no_request_is_refused(body: str) -> None:
    with pytest.raises(SerializationException):
        parse_request(SHAPE, body.encode())


def test_the_large_text_is_not_looked_at_as_json() -> None:
    seen: list[bytes] = []

    def read(body: bytes) -> dict[str, Any]:
        seen.append(body)
        return {"Image": {"Bytes": large_blob._STAND_IN}}

    body = body_of(f'"Bytes": "{TEXT}"').encode()
    assert large_blob.read_around_blob(body, read) == {"Image": {"Bytes": PICTURE}}
    assert [body.decode() for body in seen] == [body_of(f'"Bytes": "{STAND_IN}"')]
