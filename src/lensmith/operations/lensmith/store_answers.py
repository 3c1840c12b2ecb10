"""Tells callers of routes what the object store refused, in its own codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError, ParamValidationError

from lensmith.domain.errors import (
    AccessDeniedException,
    BucketAlreadyExistsException,
    InternalServerError,
    InvalidBucketNameException,
    NoSuchBucketException,
    NoSuchKeyException,
    ObjectForbidden,
    ObjectMissing,
    ObjectStoreError,
    PreconditionFailedException,
    RouteError,
)
from lensmith.store.objects import is_refusal, s3_errors

_CODES: dict[str, type[RouteError]] = {
    "NoSuchBucket": NoSuchBucketException,
    "BucketAlreadyExists": BucketAlreadyExistsException,
    "BucketAlreadyOwnedByYou": BucketAlreadyExistsException,
    "InvalidBucketName": InvalidBucketNameException,
    "PreconditionFailed": PreconditionFailedException,
    "412": PreconditionFailedException,
}


@contextmanager
def store_answers(bucket: str = "", key: str = "") -> Iterator[None]:
    """Turn what the store answers inside the block into errors of a route.

    Raises AccessDeniedException, one of the route errors named after codes of S3, or
    InternalServerError.
    """
    where = f"s3://{bucket}/{key}"
    try:
        with s3_errors(bucket, key):
            yield
    except ObjectForbidden as error:
        raise AccessDeniedException(f"The object store refuses you {where}.") from error
    except ObjectStoreError as error:
        raise _route_error(error, bucket, key) from error


def object_arn(bucket: str, key: str) -> str:
    return f"arn:aws:s3:::{bucket}/{key}"


def bucket_arn(bucket: str) -> str:
    return f"arn:aws:s3:::{bucket}"


def _route_error(error: ObjectStoreError, bucket: str, key: str) -> Exception:
    cause = error.__cause__
    code = cause.response["Error"].get("Code", "") if isinstance(cause, ClientError) else ""
    if isinstance(cause, ParamValidationError):
        return InvalidBucketNameException()
    if code in _CODES:
        return _CODES[code]()
    if isinstance(error, ObjectMissing) or is_refusal(error):  # as `../` in a key
        where = f"s3://{bucket}/{key}"
        return NoSuchKeyException(f"There is no {where}.") if key else NoSuchBucketException()
    return InternalServerError("The object store did not answer as expected.")
