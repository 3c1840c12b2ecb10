"""The object store through boto3: clients by signer, errors, reads and writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from lensmith.config import Settings
from lensmith.domain.errors import ObjectForbidden, ObjectMissing, ObjectStoreError
from lensmith.store.internal_key import internal_key
from lensmith.store.records import accounts
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MISSING = {"NoSuchKey", "NoSuchBucket", "NoSuchVersion", "404", "NotFound", "MethodNotAllowed"}
_FORBIDDEN = {"AccessDenied", "403", "Forbidden", "InvalidAccessKeyId", "SignatureDoesNotMatch"}

_CONFIG = Config(
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=32,
)
# A restart of the embedded store takes some two seconds. The legacy mode waits for fifteen on
# average; the standard mode gives up after one, or at once when many threads retry.
_PATIENT = Config(retries={"mode": "legacy", "total_max_attempts": 6})
_PROMPT = Config(retries={"mode": "standard", "total_max_attempts": 6})
_ON_THIS_MACHINE = Config(proxies={})  # whatever http_proxy says


class ObjectStores:
    """Makes and caches one S3 client per signing key. Thread-safe.

    Jobs retry for about 15 s while the store restarts; API calls (`prompt=True`) fail fast.
    """

    def __init__(self, settings: Settings, records: Records, *, prompt: bool = False) -> None:
        config = _CONFIG.merge(_PROMPT if prompt else _PATIENT)
        self._config = config if settings.s3_endpoint_url else config.merge(_ON_THIS_MACHINE)
        self._settings = settings
        self._records = records
        self._session = boto3.Session()
        self._clients: dict[str | None, S3Client] = {}
        self._lock = threading.Lock()

    def for_key(self, access_key_id: str) -> S3Client:
        """Return a client with the rights of that key's principal.

        The embedded store knows permanent keys only, so a session's temporary key is replaced by
        its principal's permanent one. An external store has other keys: there the
        server's own credentials sign. Raises ObjectForbidden for an unknown key.
        """
        if self._settings.s3_endpoint_url:
            return self.internal()
        client = self._clients.get(access_key_id)
        return client or self._cached_client(access_key_id, self._permanent(access_key_id))

    def internal(self) -> S3Client:
        """Return a client with the server's own rights.

        It signs with the embedded store's internal identity; with an external store, with the
        credentials that the AWS default chain finds in the server's environment.
        """
        client = self._clients.get(None)
        if client is not None:
            return client
        if self._settings.s3_endpoint_url:
            return self._cached_client(None, (None, None))
        return self._cached_client(None, internal_key(self._records))

    def _permanent(self, access_key_id: str) -> tuple[str, str]:
        with self._records.read() as connection:
            key = accounts.find_access_key(connection, access_key_id)
            if key is not None and key.session_token is not None:
                key = accounts.permanent_key(connection, key.caller.arn)
        if key is None:
            raise ObjectForbidden(f"The access key {access_key_id} has no rights to objects.")
        return key.access_key_id, key.secret_access_key

    def _cached_client(
        self, name: str | None, credentials: tuple[str, str] | tuple[None, None]
    ) -> S3Client:
        key_id, secret = credentials
        with self._lock:  # botocore sessions are not thread-safe
            if name not in self._clients:
                self._clients[name] = self._session.client(
                    "s3",
                    endpoint_url=self._settings.s3_endpoint,
                    region_name=self._settings.region,
                    aws_access_key_id=key_id,
                    aws_secret_access_key=secret,
                    config=self._config,
                )
            return self._clients[name]


@contextmanager
def s3_errors(bucket: str, key: str = "") -> Iterator[None]:
    """Translate botocore's errors inside the block into ObjectStoreError and its kinds."""
    where = f"s3://{bucket}/{key}"
    try:
        yield
    except ClientError as error:
        raise _store_error(error, where) from error
    except ParamValidationError as error:  # no bucket can have such a name
        raise ObjectMissing(where) from error
    except BotoCoreError as error:
        raise ObjectStoreError(f"{where}: {error}") from error


def read_object(
    client: S3Client,
    bucket: str,
    key: str,
    version: str | None = None,
    *,
    max_bytes: int | None = None,
) -> bytes:
    """Read an object, or its first `max_bytes` bytes.

    Raises ObjectMissing, ObjectForbidden or ObjectStoreError.
    """
    address: Any = {"Bucket": bucket, "Key": key}
    if version:
        address["VersionId"] = version
    # Entering a StreamingBody itself would give urllib3's response, whose errors botocore hides.
    with s3_errors(bucket, key), closing(client.get_object(**address)["Body"]) as body:
        return body.read(max_bytes)


def put_object(
    client: S3Client,
    bucket: str,
    key: str,
    data: bytes | Path,
    content_type: str = "application/octet-stream",
) -> None:
    """Write an object, which readers see complete or not at all; large files in parts.

    Raises ObjectMissing (no such bucket), ObjectForbidden or ObjectStoreError.
    """
    with s3_errors(bucket, key):
        if isinstance(data, bytes):
            client.put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type)
        else:
            client.upload_file(str(data), bucket, key, ExtraArgs={"ContentType": content_type})


def is_refusal(error: ObjectStoreError) -> bool:
    """Return whether the store answered that this request can never succeed (4xx but 408, 429)."""
    cause = error.__cause__
    if not isinstance(cause, ClientError):
        return False
    status = cause.response["ResponseMetadata"]["HTTPStatusCode"]
    return 400 <= status < 500 and status not in {408, 429}


def _store_error(error: ClientError, where: str) -> ObjectStoreError:
    code = error.response.get("Error", {}).get("Code", "")
    if code in _MISSING:
        return ObjectMissing(where)
    if code in _FORBIDDEN:
        return ObjectForbidden(where)
    return ObjectStoreError(f"{where}: {error}")
