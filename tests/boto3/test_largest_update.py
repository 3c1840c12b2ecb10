"""UpdateDatasetEntries with as much as one call may carry: 5 MB, kept whole (api.md 2.13)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from tests.boto3 import settling

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

LARGEST = 5_242_880  # bytes


def test_five_megabytes_are_taken_and_one_byte_more_is_not(
    rekognition: RekognitionClient, project_arn: str
) -> None:
    arn = rekognition.create_dataset(ProjectArn=project_arn, DatasetType="TRAIN")["DatasetArn"]
    body = _lines(LARGEST)

    rekognition.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": body})
    seen = settling.dataset(rekognition, arn)
    assert seen[-1]["Status"] == "UPDATE_COMPLETE"
    assert seen[-1]["DatasetStats"]["TotalEntries"] == body.count(b"\n")

    with pytest.raises(ClientError) as caught:
        rekognition.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": body + b"\n"})
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def _lines(size: int) -> bytes:
    """Lines of 1,024 bytes and a last one that brings them to `size` bytes."""
    whole = [_line(number, 1024) for number in range(size // 1024 - 1)]
    return b"".join([*whole, _line(len(whole), size - 1024 * len(whole))])


def _line(number: int, size: int) -> bytes:
    entry = {"source-ref": f"s3://lab/full/{number:06d}.png", "note": ""}
    entry["note"] = "x" * (size - 1 - len(json.dumps(entry)))
    return json.dumps(entry).encode() + b"\n"
