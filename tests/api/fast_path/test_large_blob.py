"""Bodies with a large blob are parsed as any other; the oracle is the standard library."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest

from lensmith.api.fast_path.large_blob import parse_around_blob
from lensmith.domain.errors import SerializationException
from lensmith.wire.json_protocol import parse_request
from lensmith.wire.service_model import input_shape

SHAPE = input_shape("DetectCustomLabels")
ARN = "arn:aws:rekognition:us-east-1:111122223333:project/a/version/b/1"
PICTURE = random.Random(0).randbytes(100_000)
TEXT = base64.b64encode(PICTURE).decode()


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
    assert parse_around_blob(SHAPE, body.encode()) in (expected(body), None)


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
def test_an_invalid_body_is_left_to_the_whole_parser(body: str) -> None:
    with pytest.raises(SerializationException):
        parse_request(SHAPE, body.encode())
    assert parse_around_blob(SHAPE, body.encode()) is None


@pytest.mark.parametrize("rest", ["", ', "MaxResults": 3', ', "Image": {}'])
def test_a_large_blob_with_little_around_it_is_taken_out(rest: str) -> None:
    body = body_of(f'"Bytes": "{TEXT}"', rest)
    taken = parse_around_blob(SHAPE, body.encode())
    assert taken == (None if "Image" in rest else expected(body))


def test_long_json_around_a_blob_is_left_to_a_thread() -> None:
    body = body_of(f'"Bytes": "{TEXT}"', f', "Unknown": [{"1," * 35_000} 1]')
    assert parse_around_blob(SHAPE, body.encode()) is None
    assert parse_request(SHAPE, body.encode()) == expected(body)
