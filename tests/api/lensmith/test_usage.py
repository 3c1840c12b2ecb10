"""GET /_lensmith/usage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from tests.api.metered import BEGIN, Metered, metered

from lensmith.domain.metric import HOUR_MS
from lensmith.store.records.accounts import AccessKey

BEGIN_MS = int(BEGIN.timestamp() * 1000)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Metered]:
    with metered(tmp_path_factory.mktemp("metered")) as running:
        yield running


def asked(server: Metered, query: str = "", key: AccessKey | None = None) -> Any:
    signing = key or server.key
    request = AWSRequest("GET", f"{server.endpoint}/_lensmith/usage{query}", data=b"")
    keys = Credentials(signing.access_key_id, signing.secret_access_key)
    SigV4Auth(keys, "rekognition", "us-east-1").add_auth(request)
    return json.loads(URLLib3Session().send(request.prepare()).content)


def test_hours_and_unit_hours(server: Metered) -> None:
    (found,) = asked(server)["versions"]
    assert found == {
        "project": "parts",
        "version": "v1",
        "hours": 2,
        "unit_hours": 3.0,  # one unit, then two
        "minutes": 90,
        "first_hour_ms": BEGIN_MS,
        "last_hour_ms": BEGIN_MS + HOUR_MS,
    }


def test_since_and_project(server: Metered) -> None:
    (later,) = asked(server, "?since=2026-01-05T10%3A00%3A00Z&project=parts")["versions"]
    assert (later["hours"], later["unit_hours"]) == (1, 2.0)
    assert asked(server, "?since=2026-01-06")["versions"] == []
    assert asked(server, "?project=other")["versions"] == []
    assert asked(server, "?since=yesterday")["Code"] == "InvalidParameterException"


def test_it_takes_the_right_to_read_metrics(server: Metered) -> None:
    statement = {"Effect": "Allow", "Action": "rekognition:*", "Resource": "*"}
    refused = asked(server, key=server.user("annotator", {"Statement": statement}))
    assert refused["Code"] == "AccessDeniedException"
    assert "cloudwatch:GetMetricData" in refused["Message"]
