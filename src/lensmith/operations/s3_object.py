"""Reads S3 objects that a request names, with the caller's own rights (api.md 1.6, 4.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from lensmith.domain.errors import (
    ImageTooLargeException,
    InternalServerError,
    InvalidParameterException,
    InvalidS3ObjectException,
    ObjectForbidden,
    ObjectMissing,
    ObjectStoreError,
)
from lensmith.operations.call import Call, Service
from lensmith.store.objects import is_refusal, s3_errors

_UNVERSIONED = "null"  # S3's name for the version of an object stored without versioning


@dataclass(frozen=True, slots=True)
class S3Object:
    bucket: str
    key: str
    version: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any] | None) -> S3Object:
        """Read an S3Object member; raises InvalidParameterException without Bucket or Name."""
        bucket, key = (given or {}).get("Bucket"), (given or {}).get("Name")
        if not bucket or not key:
            raise InvalidParameterException("S3Object needs both Bucket and Name.")
        return cls(bucket, key, (given or {}).get("Version"))


def named(manifest: Mapping[str, Any]) -> S3Object:
    """Read the object of a GroundTruthManifest."""
    return S3Object.of(manifest.get("S3Object"))


def head(service: Service, call: Call, named: S3Object) -> None:
    """Raise InvalidS3ObjectException unless the caller can reach the object."""
    with _answered(), s3_errors(named.bucket, named.key):
        client = service.objects.for_key(call.caller.access_key_id)
        answer = client.head_object(Bucket=named.bucket, Key=named.key, **_version(named))
        _refuse_another_version(named, answer)


def read_image(service: Service, call: Call, named: S3Object, *, limit: int) -> bytes:
    """Read a whole image file.

    Raises InvalidS3ObjectException, or ImageTooLargeException above `limit` bytes, none
    of them read.
    """
    with _answered(), s3_errors(named.bucket, named.key):
        client = service.objects.for_key(call.caller.access_key_id)
        answer = client.get_object(Bucket=named.bucket, Key=named.key, **_version(named))
        with closing(answer["Body"]) as body:
            _refuse_another_version(named, answer)
            if answer["ContentLength"] > limit:
                raise ImageTooLargeException
            return body.read()


def _version(named: S3Object) -> dict[str, Any]:
    return {"VersionId": named.version} if named.version else {}


def _refuse_another_version(named: S3Object, answer: Mapping[str, Any]) -> None:
    """Refuse as S3 does; the embedded store without versioning ignores the version asked for."""
    if named.version and answer.get("VersionId", _UNVERSIONED) != named.version:
        raise InvalidS3ObjectException


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except (ObjectMissing, ObjectForbidden) as error:
        raise InvalidS3ObjectException from error
    except ObjectStoreError as error:
        if is_refusal(error):  # as `../` in a key
            raise InvalidS3ObjectException from error
        raise InternalServerError("The object store did not answer as expected.") from error
