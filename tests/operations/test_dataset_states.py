"""The table of calls and dataset states in api.md 3.2."""

from __future__ import annotations

from typing import Any

import pytest
from tests.operations.bench import Bench

from lensmith.domain.dataset import DatasetStatus, DatasetType
from lensmith.domain.errors import OperationError

READY, IN_USE = "ResourceNotReadyException", "ResourceInUseException"
INVALID = "InvalidParameterException"
OK = None

COLUMNS = (
    DatasetStatus.CREATE_IN_PROGRESS,
    DatasetStatus.CREATE_COMPLETE,
    DatasetStatus.UPDATE_COMPLETE,
    DatasetStatus.CREATE_FAILED,
    DatasetStatus.UPDATE_IN_PROGRESS,
    DatasetStatus.UPDATE_FAILED,
    DatasetStatus.DELETE_IN_PROGRESS,
)

TABLE = {
    "describe": (OK, OK, OK, OK, OK, OK, OK),
    "list entries": (READY, OK, OK, READY, IN_USE, OK, IN_USE),
    "list labels": (READY, OK, OK, READY, IN_USE, OK, IN_USE),
    "update": (IN_USE, OK, OK, IN_USE, IN_USE, OK, IN_USE),
    "distribute": (READY, OK, OK, READY, READY, OK, READY),
    "delete": (IN_USE, OK, OK, OK, IN_USE, OK, IN_USE),
    "copy from": (INVALID, OK, OK, INVALID, INVALID, OK, INVALID),
    "train with": (IN_USE, OK, OK, INVALID, IN_USE, OK, IN_USE),
}
CELLS = [
    (call, status, expected)
    for call, row in TABLE.items()
    for status, expected in zip(COLUMNS, row, strict=True)
]


@pytest.mark.parametrize(("call", "status", "expected"), CELLS)
def test_call_in_state(
    bench: Bench, call: str, status: DatasetStatus, expected: str | None
) -> None:
    project = bench.project()
    train = bench.dataset(project, status=status, total_entries=5)
    requests: dict[str, tuple[str, dict[str, Any]]] = {
        "describe": ("DescribeDataset", {"DatasetArn": train.arn}),
        "list entries": ("ListDatasetEntries", {"DatasetArn": train.arn}),
        "list labels": ("ListDatasetLabels", {"DatasetArn": train.arn}),
        "update": (
            "UpdateDatasetEntries",
            {"DatasetArn": train.arn, "Changes": {"GroundTruth": b"{}"}},
        ),
        "delete": ("DeleteDataset", {"DatasetArn": train.arn}),
        "copy from": (
            "CreateDataset",
            {
                "ProjectArn": project.arn,
                "DatasetType": "TEST",
                "DatasetSource": {"DatasetArn": train.arn},
            },
        ),
        "train with": (
            "CreateProjectVersion",
            {
                "ProjectArn": project.arn,
                "VersionName": "v1",
                "OutputConfig": {"S3Bucket": "results"},
            },
        ),
    }
    if call == "distribute":
        test = bench.dataset(project, DatasetType.TEST)
        datasets = [{"Arn": train.arn}, {"Arn": test.arn}]
        requests[call] = ("DistributeDatasetEntries", {"Datasets": datasets})
    operation, request = requests[call]
    if expected is OK:
        bench.ask(operation, **request)
        return
    with pytest.raises(OperationError) as caught:
        bench.ask(operation, **request)
    assert caught.value.code == expected
    assert status.value in caught.value.message
    assert bench.dataset_now(train.arn) == train
