"""What a form's policy may say, and what it refuses (AWS's page "Creating a POST policy")."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.signature.form_policy import FormPolicy, credential_of

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LATER = "2026-01-03T00:00:00.000Z"
FIELDS = {"key": "up/a.jpg", "bucket": "farm", "content-type": "image/png,image/jpeg"}
NAMED: list[Any] = [
    {"bucket": "farm"},
    ["starts-with", "$key", "up/"],
    ["starts-with", "$Content-Type", "image/"],
]


def encoded(given: Any) -> str:
    return base64.b64encode(json.dumps(given).encode()).decode()


def policy(*conditions: Any, expiration: Any = LATER) -> FormPolicy:
    return FormPolicy.parse(encoded({"expiration": expiration, "conditions": list(conditions)}))


def refusal(call: Any) -> tuple[str, str]:
    with pytest.raises(S3Error) as raised:
        call()
    return raised.value.code, str(raised.value)


@pytest.mark.parametrize(
    "more",
    [
        ["eq", "$key", "up/a.jpg"],
        ["content-length-range", 1, "100"],
        ["starts-with", "$success_action_redirect", ""],
        {"KEY": "up/a.jpg"},
    ],
)
def test_a_form_that_the_policy_allows(more: Any) -> None:
    free = {"file": "", "policy": "", "x-ignore-me": "", "x-amz-checksum-crc32": ""}
    policy(*NAMED, more).check({**FIELDS, **free}, NOW)


@pytest.mark.parametrize(
    ("conditions", "fields", "told"),
    [
        (NAMED, {"acl": "private"}, "Extra input fields: acl"),
        (NAMED[1:], {}, "bucket is not in the policy"),
        ([*NAMED, {"bucket": "barn"}], {}, '["eq", "$bucket", "barn"]'),
        ([*NAMED, ["eq", "$x-amz-meta-a", "1"]], {}, '["eq", "$x-amz-meta-a", "1"]'),
        ([*NAMED, ["starts-with", "$acl", "p"]], {}, '["starts-with", "$acl", "p"]'),
        (NAMED, {"content-type": "image/png,text/html"}, '"$content-type", "image/"'),
    ],
)
def test_a_form_that_the_policy_refuses(
    conditions: list[Any], fields: dict[str, str], told: str
) -> None:
    code, message = refusal(lambda: policy(*conditions).check({**FIELDS, **fields}, NOW))
    assert code == "AccessDenied"
    assert told in message


def test_a_policy_that_has_expired() -> None:
    past = policy(*NAMED, expiration="2026-01-01T12:00:00")  # without a zone: UTC
    assert refusal(lambda: past.check(FIELDS, NOW))[1].endswith("Policy expired.")


@pytest.mark.parametrize(
    "given",
    [
        [],
        {"expiration": LATER},
        {"expiration": LATER, "conditions": []},
        {"conditions": NAMED},
        {"expiration": "soon", "conditions": NAMED},
        {"expiration": 3, "conditions": NAMED},
    ],
)
def test_a_document_that_is_no_policy(given: Any) -> None:
    assert refusal(lambda: FormPolicy.parse(encoded(given)))[0] == "InvalidPolicyDocument"


@pytest.mark.parametrize("text", ["no base64!", base64.b64encode(b"no JSON").decode()])
def test_a_policy_that_cannot_be_read(text: str) -> None:
    assert refusal(lambda: FormPolicy.parse(text))[0] == "InvalidPolicyDocument"


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"key": 3},
        "key",
        ["eq", "$key"],
        ["eq", "key", "up/a.jpg"],
        ["ends-with", "$key", "a.jpg"],
        ["starts-with", "$key", 3],
        ["content-length-range", "few", 3],
    ],
)
def test_a_condition_that_says_nothing(condition: Any) -> None:
    made = policy(*NAMED, condition)
    assert refusal(lambda: made.check(FIELDS, NOW))[0] == "InvalidPolicyDocument"


def test_the_size_that_a_file_may_have() -> None:
    assert policy(*NAMED).size_range() is None
    assert policy(*NAMED, ["content-length-range", "10", 20]).size_range() == (10, 20)


SIGNED = {
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": "AKIA/20260102/us-east-1/s3/aws4_request",
    "x-amz-date": "20260102T000000Z",
    "x-amz-signature": "00",
}


def test_the_credential_of_a_form() -> None:
    scope, stamp = credential_of(SIGNED)
    assert scope == ("AKIA", "20260102", "us-east-1", "s3")
    assert stamp == SIGNED["x-amz-date"]


@pytest.mark.parametrize(
    "changed",
    [
        {"x-amz-algorithm": "AWS4-HMAC-SHA1"},
        {"x-amz-date": ""},
        {"x-amz-credential": "AKIA/20260102/us-east-1/s3"},
    ],
)
def test_a_credential_that_is_not_whole(changed: dict[str, str]) -> None:
    assert refusal(lambda: credential_of({**SIGNED, **changed}))[0] == "InvalidArgument"
