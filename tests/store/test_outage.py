"""Which failures of the object store end by themselves."""

from __future__ import annotations

import pytest
from boto3.exceptions import Boto3Error, RetriesExceededError, S3UploadFailedError
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ReadTimeoutError,
)

from lensmith.domain.errors import ObjectStoreError, OutputNotWritable
from lensmith.store.objects import s3_errors
from lensmith.store.outage import is_outage, waiting_out


def answered(status: int, code: str = "Other") -> ClientError:
    metadata = {"ResponseMetadata": {"HTTPStatusCode": status}, "Error": {"Code": code}}
    return ClientError(metadata, "GetObject")  # type: ignore[arg-type]


def raised(error: Exception) -> ObjectStoreError:
    with pytest.raises(ObjectStoreError) as found, s3_errors("bucket", "key"):
        raise error
    return found.value


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
        ReadTimeoutError(endpoint_url="http://127.0.0.1:1"),
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
        RetriesExceededError(Boto3Error()),
        answered(500),
        answered(503, "SlowDown"),
        answered(429),
    ],
    ids=repr,
)
def test_an_outage_ends_by_itself(error: Exception) -> None:
    assert is_outage(raised(error))
    wrapped = OutputNotWritable()
    wrapped.__cause__ = raised(error)
    assert is_outage(wrapped)


@pytest.mark.parametrize(
    "error",
    [
        answered(404, "NoSuchKey"),
        answered(403, "AccessDenied"),
        answered(400, "KeyTooLongError"),
        answered(412, "PreconditionFailed"),
        NoCredentialsError(),
    ],
    ids=repr,
)
def test_a_refusal_stays(error: Exception) -> None:
    assert not is_outage(raised(error))


def test_what_an_upload_hides_is_told() -> None:
    failed = S3UploadFailedError("failed")
    failed.__context__ = answered(503)  # as boto3 leaves it
    assert is_outage(raised(failed))


def test_patience_ends() -> None:
    tries = []

    def act() -> None:
        tries.append(1)
        raise raised(answered(503))

    with pytest.raises(ObjectStoreError):
        waiting_out(act, patience_seconds=0)
    assert len(tries) == 1
