"""The table of calls and project version states in api.md 3.3."""

from __future__ import annotations

from typing import Any

import pytest
from tests.operations.bench import Bench

from lensmith.domain.errors import OperationError
from lensmith.domain.project_version import VersionStatus

READY, IN_USE = "ResourceNotReadyException", "ResourceInUseException"
INVALID = "InvalidParameterException"
OK = None

COLUMNS = (
    VersionStatus.TRAINING_IN_PROGRESS,
    VersionStatus.TRAINING_COMPLETED,
    VersionStatus.TRAINING_FAILED,
    VersionStatus.STARTING,
    VersionStatus.RUNNING,
    VersionStatus.STOPPING,
    VersionStatus.STOPPED,
    VersionStatus.FAILED,
    VersionStatus.COPYING_IN_PROGRESS,
    VersionStatus.COPYING_COMPLETED,
    VersionStatus.COPYING_FAILED,
    VersionStatus.DELETING,
)

ALL_IN_USE_BUT = {VersionStatus.RUNNING, VersionStatus.STOPPING}
TABLE = {
    "describe": (OK,) * 12,
    "list tags": (OK,) * 12,
    "tag": (OK,) * 12,
    "untag": (OK,) * 12,
    "start": (
        *(IN_USE, OK, INVALID, IN_USE, IN_USE, IN_USE),
        *(OK, OK, IN_USE, OK, INVALID, IN_USE),
    ),
    "stop": tuple(OK if status in ALL_IN_USE_BUT else IN_USE for status in COLUMNS),
    "detect": tuple(OK if status is VersionStatus.RUNNING else READY for status in COLUMNS),
    "delete": (
        *(IN_USE, OK, OK, IN_USE, IN_USE, IN_USE),
        *(OK, OK, IN_USE, OK, OK, OK),
    ),
}
CELLS = [
    (call, status, expected)
    for call, row in TABLE.items()
    for status, expected in zip(COLUMNS, row, strict=True)
]


def test_the_table_covers_every_state() -> None:
    assert set(COLUMNS) == set(VersionStatus)


@pytest.mark.parametrize(("call", "status", "expected"), CELLS)
def test_call_in_state(
    bench: Bench, call: str, status: VersionStatus, expected: str | None
) -> None:
    project = bench.project()
    version = bench.version(project, status=status)
    on_version = {"ProjectVersionArn": version.arn}
    requests: dict[str, tuple[str, dict[str, Any]]] = {
        "describe": ("DescribeProjectVersions", {"ProjectArn": project.arn}),
        "list tags": ("ListTagsForResource", {"ResourceArn": version.arn}),
        "tag": ("TagResource", {"ResourceArn": version.arn, "Tags": {"a": "b"}}),
        "untag": ("UntagResource", {"ResourceArn": version.arn, "TagKeys": ["a"]}),
        "start": ("StartProjectVersion", {**on_version, "MinInferenceUnits": 1}),
        "stop": ("StopProjectVersion", on_version),
        "detect": ("DetectCustomLabels", {**on_version, "Image": {"Bytes": b"image"}}),
        "delete": ("DeleteProjectVersion", on_version),
    }
    operation, request = requests[call]
    if expected is OK:
        bench.ask(operation, **request)
        return
    with pytest.raises(OperationError) as caught:
        bench.ask(operation, **request)
    assert caught.value.code == expected
    assert status.value in caught.value.message
    assert bench.version_now(version.arn) == version
