"""Waiting for what the service does after it has answered, as the guide's samples do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError
from tests.support.eventually import until

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import DatasetDescriptionTypeDef

_T = TypeVar("_T")


def every_view(look: Callable[[], _T], is_settled: Callable[[_T], bool]) -> list[_T]:
    """Everything seen, up to and with the first settled view."""
    seen: list[_T] = []

    def remembered() -> _T:
        seen.append(look())
        return seen[-1]

    until(remembered, is_settled, "not settled")
    return seen


def dataset(rekognition: RekognitionClient, arn: str) -> list[DatasetDescriptionTypeDef]:
    """The descriptions of a dataset until no job changes it."""
    return every_view(
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
