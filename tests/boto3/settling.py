"""Waiting for what the service does after it has answered, as the guide's samples do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import DatasetDescriptionTypeDef

PATIENCE_SECONDS = 60.0

_T = TypeVar("_T")


def until(look: Callable[[], _T], is_settled: Callable[[_T], bool]) -> list[_T]:
    """Everything seen, up to and with the first settled view."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    seen = [look()]
    while not is_settled(seen[-1]):
        assert time.monotonic() < deadline, f"still {seen[-1]}"
        time.sleep(0.05)
        seen.append(look())
    return seen


def dataset(rekognition: RekognitionClient, arn: str) -> list[DatasetDescriptionTypeDef]:
    """The descriptions of a dataset until no job changes it."""
    return until(
        lambda: rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"],
        lambda description: not description["Status"].endswith("_IN_PROGRESS"),
    )


def code_of(call: Callable[[], object]) -> str | None:
    """The error code that a call ends in, None when it succeeds."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None
