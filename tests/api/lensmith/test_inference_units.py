"""The units of a running version: shown, changed without a restart, kept over a restart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.api.hosted import Hosted
from tests.e2e.lab import kill
from tests.support.live_server import LiveServer
from tests.support.signed_caller import SignedCaller


@pytest.fixture(scope="module")
def hosted(server: LiveServer) -> Iterator[Hosted]:
    hosted = Hosted(server)
    hosted.lab.start(hosted.project_arn, hosted.arn)
    yield hosted
    hosted.lab.stop(hosted.project_arn, hosted.arn)


def test_units_change_while_the_model_runs(hosted: Hosted) -> None:
    assert hosted.resize(MinInferenceUnits=2, MaxInferenceUnits=3)["MinInferenceUnits"] == 2
    hosted.await_in_service(2)
    described = hosted.lab.describe(hosted.project_arn)
    assert described["Status"] == "RUNNING"
    assert (described["MinInferenceUnits"], described["MaxInferenceUnits"]) == (2, 3)
    assert hosted.units() == {
        "Status": "RUNNING",
        "MinInferenceUnits": 2,
        "MaxInferenceUnits": 3,
        "DesiredInferenceUnits": 2,
        "InServiceInferenceUnits": 2,
        "WaitingRequests": 0,
    }
    hosted.resize(MinInferenceUnits=1)
    hosted.await_in_service(1)
    assert "MaxInferenceUnits" not in hosted.lab.describe(hosted.project_arn)


@pytest.mark.parametrize(
    ("units", "code"),
    [
        ({}, "ValidationException"),
        ({"MinInferenceUnits": 0}, "ValidationException"),
        ({"MinInferenceUnits": "2"}, "SerializationException"),
        ({"MinInferenceUnits": 2, "MaxInferenceUnits": 1}, "InvalidParameterException"),
        ({"MinInferenceUnits": 1, "MaxInferenceUnits": 6}, "LimitExceededException"),
    ],
)
def test_units_are_refused_as_when_a_model_is_started(
    hosted: Hosted, units: dict[str, Any], code: str
) -> None:
    before = hosted.units()
    assert hosted.resize(**units)["__type"] == code
    assert hosted.units() == before


def test_what_does_not_run_has_no_units_to_change(hosted: Hosted) -> None:
    other = Hosted(hosted.server)
    assert other.resize(MinInferenceUnits=1)["__type"] == "ResourceInUseException"
    assert other.units()["InServiceInferenceUnits"] == 0
    other.path = other.path.replace("/v1/", "/v2/")
    assert other.resize(MinInferenceUnits=1)["__type"] == "ResourceNotFoundException"


def test_resizing_needs_the_right_to_start(hosted: Hosted) -> None:
    def user(name: str, action: str, resource: str) -> SignedCaller:
        statement = {"Effect": "Allow", "Action": f"rekognition:{action}", "Resource": resource}
        hosted.server.create_user(name, statement)
        return SignedCaller(hosted.server, name)

    starter = user("starter", "StartProjectVersion", hosted.arn)
    viewer = user("viewer", "DescribeProjectVersions", hosted.project_arn)
    assert hosted.resize(starter, MinInferenceUnits=1)["MinInferenceUnits"] == 1
    assert hosted.resize(viewer, MinInferenceUnits=1)["__type"] == "AccessDeniedException"
    assert hosted.units(viewer)["Status"] == "RUNNING"
    assert hosted.units(starter)["__type"] == "AccessDeniedException"


def test_the_command_line_resizes(hosted: Hosted) -> None:
    done = hosted.lensmith("resize", hosted.project, "v1", "--min", "1", "--max", "2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("v1 is RUNNING with 1 to 2 inference units.")
    done = hosted.lensmith("resize", hosted.project, "v1", "--min", "3", "--max", "2")
    assert done.returncode == 1
    assert "MaxInferenceUnits must not be smaller" in done.stderr


def test_units_and_running_models_survive_a_killed_server(hosted: Hosted) -> None:
    hosted.resize(MinInferenceUnits=2)
    kill(hosted.server)
    hosted.server.start()
    hosted.await_in_service(2)
    assert hosted.units()["Status"] == "RUNNING"
