from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.api.conftest import EVERYTHING, Api

from lensmith.domain.clock import now_ms

HOUR_MS = 3_600_000


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("overrides", "code", "message"),
    [
        (
            {"config": Config(signature_version=UNSIGNED)},
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
        (
            {"aws_access_key_id": "AKIAUNKNOWN"},
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            {"aws_session_token": "a permanent key has none"},
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        ({"aws_secret_access_key": "wrong"}, "InvalidSignatureException", "does not match"),
        ({"region_name": "eu-west-1"}, "InvalidSignatureException", "valid region"),
    ],
)
def test_a_false_signature_is_refused(
    api: Api, overrides: dict[str, Any], code: str, message: str
) -> None:
    refused = refusal(api.client(**overrides).describe_projects)
    assert refused[0] == code
    assert message in refused[1]


def test_temporary_keys_work_with_their_token_until_they_expire(api: Api) -> None:
    key = api.user("session", EVERYTHING, session_token="token", expires_ms=now_ms() + HOUR_MS)
    assert api.client(key).describe_projects()["ProjectDescriptions"] is not None
    for token in (None, "another"):
        client = api.client(key, aws_session_token=token)
        assert refusal(client.describe_projects)[0] == "UnrecognizedClientException"

    expired = api.user("late", EVERYTHING, session_token="token", expires_ms=now_ms() - 1)
    assert refusal(api.client(expired).describe_projects) == (
        "ExpiredTokenException",
        "The security token included in the request is expired",
    )
