"""Starting and stopping versions."""

from __future__ import annotations

from typing import Any

import pytest
from tests.operations.bench import Bench

from lensmith.domain.errors import OperationError
from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.operations.call import Call
from lensmith.operations.hosting import resize_project_version
from lensmith.store.records import project_versions


def test_start_keeps_the_units_and_wakes_the_fleet(bench: Bench) -> None:
    version = bench.version(bench.project())
    answer = bench.ask(
        "StartProjectVersion",
        ProjectVersionArn=version.arn,
        MinInferenceUnits=2,
        MaxInferenceUnits=3,
    )
    started = bench.version_now(version.arn)
    assert answer == {"Status": "STARTING"}
    assert started.status is VersionStatus.STARTING
    assert started.status_message == "The model is starting."
    assert (started.min_units, started.max_units) == (2, 3)
    assert bench.fleet.wakes == 1


def test_starting_again_forgets_the_earlier_maximum(bench: Bench) -> None:
    version = bench.version(bench.project())
    request = {"ProjectVersionArn": version.arn, "MinInferenceUnits": 1}
    bench.ask("StartProjectVersion", **request, MaxInferenceUnits=2)
    with bench.service.records.write() as connection:
        project_versions.set_status(connection, version.id, VersionStatus.STOPPED)
    bench.ask("StartProjectVersion", **request)
    assert bench.version_now(version.arn).max_units is None


def test_more_units_than_the_quota_are_refused(bench: Bench) -> None:
    version = bench.version(bench.project())
    limited = bench.with_quotas(units_per_model=2)
    on_version = {"ProjectVersionArn": version.arn}
    for units in ({"MinInferenceUnits": 3}, {"MinInferenceUnits": 1, "MaxInferenceUnits": 3}):
        refusal = limited.refusal("StartProjectVersion", **on_version, **units)
        assert refusal == "LimitExceededException"
    assert bench.version_now(version.arn) == version
    assert not bench.fleet.wakes


def test_running_models_are_limited(bench: Bench) -> None:
    project = bench.project()
    bench.version(project, "v1", VersionStatus.STARTING)
    version = bench.version(project, "v2")
    refusal = bench.with_quotas(running_models=1).refusal(
        "StartProjectVersion", ProjectVersionArn=version.arn, MinInferenceUnits=1
    )
    assert refusal == "LimitExceededException"


def test_a_maximum_below_the_minimum_is_refused(bench: Bench) -> None:
    version = bench.version(bench.project())
    refusal = bench.refusal(
        "StartProjectVersion",
        ProjectVersionArn=version.arn,
        MinInferenceUnits=2,
        MaxInferenceUnits=1,
    )
    assert refusal == "InvalidParameterException"


def test_stop_can_be_repeated(bench: Bench) -> None:
    version = bench.version(bench.project(), status=VersionStatus.RUNNING)
    for _ in range(2):
        answer = bench.ask("StopProjectVersion", ProjectVersionArn=version.arn)
        assert answer == {"Status": "STOPPING"}
    assert bench.version_now(version.arn).status_message == "The model is stopping."


def test_unknown_versions_are_not_found(bench: Bench) -> None:
    arn = bench.version(bench.project()).arn + "1"
    for operation, more in (
        ("StartProjectVersion", {"MinInferenceUnits": 1}),
        ("StopProjectVersion", {}),
        ("DeleteProjectVersion", {}),
        ("DetectCustomLabels", {"Image": {"Bytes": b"image"}}),
    ):
        refusal = bench.refusal(operation, ProjectVersionArn=arn, **more)
        assert refusal == "ResourceNotFoundException"


def resize(bench: Bench, version: ProjectVersion, **units: Any) -> str:
    """The code of the error that resizing ends in; empty when it is carried out."""
    request = {"ProjectVersionArn": version.arn, **units}
    try:
        resize_project_version(bench.service, Call("Resize", request, bench.caller, "test"))
    except OperationError as error:
        return error.code
    return ""


@pytest.mark.parametrize("status", list(VersionStatus))
def test_only_what_is_starting_or_running_can_be_resized(
    bench: Bench, status: VersionStatus
) -> None:
    version = bench.version(bench.project(), status=status)
    alive = status in {VersionStatus.STARTING, VersionStatus.RUNNING}
    refusal = resize(bench, version, MinInferenceUnits=2, MaxInferenceUnits=4)
    assert refusal == ("" if alive else "ResourceInUseException")
    now = bench.version_now(version.arn)
    assert (now.min_units, now.max_units) == ((2, 4) if alive else (None, None))
    assert now.status is status
    assert bench.fleet.wakes == alive


def test_resizing_is_no_further_model(bench: Bench) -> None:
    version = bench.version(bench.project(), status=VersionStatus.RUNNING)
    full = bench.with_quotas(running_models=1, units_per_model=2)
    assert resize(full, version, MinInferenceUnits=2) == ""
    assert resize(full, version, MinInferenceUnits=3) == "LimitExceededException"
