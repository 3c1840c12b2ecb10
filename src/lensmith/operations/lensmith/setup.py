"""The console's bucket: found or proposed by name, created once for each account and region."""

from __future__ import annotations

import hmac
import tempfile
from dataclasses import dataclass

from botocore.exceptions import ClientError

from lensmith.domain.caller import Caller
from lensmith.domain.errors import InvalidParameterException, StoreNotWritableException
from lensmith.operations.call import Service
from lensmith.operations.lensmith.objects import create_bucket
from lensmith.operations.lensmith.store_answers import store_answers
from lensmith.store.records import accounts, buckets

_NAMES = 8  # proposed one after the other, where others have taken one
_RANDOM_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Setup:
    bucket: str | None  # the console's bucket, once there is one
    proposed: str


def find_setup(service: Service, caller: Caller) -> Setup:
    """Find the bucket under the names that only this account would be proposed."""
    names = _names(service, caller)
    for name in names:
        status = _status(service, caller, name)
        if status == 200:
            return Setup(name, name)
        if status == 404:
            return Setup(None, name)
    return Setup(None, names[-1])


def console_bucket(service: Service, caller: Caller) -> str:
    """Return the console's bucket, created when it is missing; raises as `set_up` does."""
    setup = find_setup(service, caller)
    if setup.bucket is None:
        set_up(service, caller, setup.proposed)
    return setup.proposed


def set_up(service: Service, caller: Caller, bucket: str) -> None:
    """Create the console's bucket.

    Raises InvalidParameterException for a name that was not proposed,
    BucketAlreadyExistsException, or StoreNotWritableException with `path` and `errno`.
    """
    if bucket not in _names(service, caller):
        raise InvalidParameterException("The console's bucket has the name that was proposed.")
    _refuse_full_disk(service)
    create_bucket(service, caller, bucket)


def _names(service: Service, caller: Caller) -> list[str]:
    """Make names that look random, and are the same each time."""
    with service.records.write() as connection:
        secret = accounts.secret(connection, "console.bucket")
    region = service.settings.region
    return [
        f"custom-labels-console-{region}-{_digits(secret, caller.account_id, region, number)}"
        for number in range(_NAMES)
    ]


def _digits(secret: bytes, *parts: object) -> str:
    named = "/".join(map(str, parts)).encode()
    return hmac.digest(secret, named, "sha256").hex()[:_RANDOM_DIGITS]


def _status(service: Service, caller: Caller, bucket: str) -> int:
    """200: ours; 403: of another owner; 404: free."""
    if not service.settings.s3_endpoint_url:
        record = service.records.read_cached(buckets.find, bucket)
        if record is None:
            return 404
        return 200 if record.account_id == caller.account_id else 403
    with store_answers(bucket):
        try:
            service.objects.internal().head_bucket(Bucket=bucket)
        except ClientError as error:
            status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
            if status in {403, 404}:
                return status
            raise
    return 200


def _refuse_full_disk(service: Service) -> None:
    """Find out before the store does, which would answer 500 and no more."""
    settings = service.settings
    if settings.s3_endpoint_url:
        return
    directory = settings.data_directory / "objects"
    try:
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"\0" * 4096)
            file.flush()
    except OSError as error:
        raise StoreNotWritableException(
            f"{directory} cannot be written: {error.strerror}.",
            path=str(directory),
            errno=error.errno,
        ) from error
