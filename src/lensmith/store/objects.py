"""The object store through boto3: clients by signer, errors, reads and writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boto3.exceptions import RetriesExceededError, S3UploadFailedError
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from lensmith.config import Settings
from lensmith.domain.errors import ObjectForbidden, ObjectMissing, ObjectStoreError
from lensmith.domain.readable import Readable
from lensmith.store.boto_session import boto_session
from lensmith.store.internal_key import internal_key
from lensmith.store.internal_ports import InternalPorts, ports_file
from lensmith.store.judged_client import Judged
from lensmith.store.records import accounts
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    import boto3
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
_EMBEDDED = "http://127.0.0.1:1"  # replaced by the port that the store chose
# Whatever http_proxy says. A CRC-32, which the store checks, covers what is sent; SHA-256 in the
# signature would cost another 0.3 ms a picture on each side.
_ON_THIS_MACHINE = Config(
    proxies={}, s3={"addressing_style": "path", "payload_signing_enabled": False}
)


class ObjectStores:
    """Makes and caches one S3 client per signing key. Thread-safe.

    Jobs retry for about 15 s while the store restarts; API calls (`prompt=True`) fail fast.
    """

    def __init__(self, settings: Settings, records: Records, *, prompt: bool = False) -> None:
        config = _CONFIG.merge(_PROMPT if prompt else _PATIENT)
        self._config = config if settings.s3_endpoint_url else config.merge(_ON_THIS_MACHINE)
        self._settings = settings
        self._records = records
        self._clients: dict[str | None, S3Client] = {}
        self._lock = threading.Lock()
        self._ports_file = ports_file(settings)
        self._ports_changed = 0
        self._listens_at = _EMBEDDED

    def for_key(self, access_key_id: str) -> S3Client:
        """Return a client that does what that key's principal may do at each call.

        It signs as `internal` does. Raises ObjectForbidden for an unknown key.
        """
        client = self._clients.get(access_key_id)
        if client is not None:
            return client
        if self._records.read_cached(accounts.find_access_key, access_key_id) is None:
            raise ObjectForbidden(f"The access key {access_key_id} has no rights to objects.")
        return self._cached_client(access_key_id)

    def internal(self) -> S3Client:
        """Return a client with the server's own rights.

        It signs with the embedded store's internal identity; with an external store, with the
        credentials that the AWS default chain finds in the server's environment.
        """
        return self._cached_client(None)

    def _cached_client(self, access_key_id: str | None) -> S3Client:
        with self._lock:  # botocore sessions are not thread-safe
            client = self._clients.get(access_key_id)
            if client is None:
                client = self._client()
                if access_key_id is not None:
                    judged = Judged(self._settings, self._records, access_key_id, self.internal)
                    judged.guard(client)
                self._clients[access_key_id] = client
            return client

    @cached_property
    def _session(self) -> boto3.Session:
        return boto_session()

    def _client(self) -> S3Client:
        external = self._settings.s3_endpoint_url
        key_id, secret = (None, None) if external else internal_key(self._records)
        client = self._session.client(
            "s3",
            endpoint_url=external or _EMBEDDED,
            region_name=self._settings.region,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            config=self._config,
        )
        if not external:
            client.meta.events.register_first("request-created.s3", self._to_embedded)
        return client

    def _to_embedded(self, request: Any, **_: Any) -> None:
        """Address a request, before it is signed, to where the store listens now."""
        if request.url.startswith(_EMBEDDED):
            request.url = f"{self._embedded()}{request.url[len(_EMBEDDED) :]}"

    def _embedded(self) -> str:
        try:
            changed = self._ports_file.stat().st_mtime_ns
        except FileNotFoundError:  # before the first start
            return _EMBEDDED
        if changed != self._ports_changed:
            ports = InternalPorts.read(self._ports_file)
            self._listens_at = f"http://127.0.0.1:{ports.s3}" if ports is not None else _EMBEDDED
            self._ports_changed = changed
        return self._listens_at


@contextmanager
def s3_errors(bucket: str, key: str = "") -> Iterator[None]:
    """Translate botocore's errors inside the block into ObjectStoreError and its kinds."""
    where = f"s3://{bucket}/{key}"
    try:
        yield
    except ClientError as error:
        raise _store_error(error, where) from error
    except S3UploadFailedError as error:  # boto3 hides what the store said
        hidden = error.__context__
        if not isinstance(hidden, ClientError):
            raise ObjectStoreError(f"{where}: {error}") from error
        raise _store_error(hidden, where) from hidden
    except ParamValidationError as error:  # no bucket can have such a name
        raise ObjectMissing(where) from error
    except (BotoCoreError, RetriesExceededError) as error:  # the latter of downloads in parts
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
    data: bytes | Readable,
    content_type: str = "application/octet-stream",
    *,
    key_arn: str | None = None,
) -> None:
    """Write an object, which readers see complete or not at all; large files in parts.

    `key_arn` is of a key of KMS that encrypts it. Raises ObjectMissing (no such bucket),
    ObjectForbidden or ObjectStoreError.
    """
    arguments: Any = {"ContentType": content_type}
    if key_arn is not None:
        arguments |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn}
    with s3_errors(bucket, key):
        if isinstance(data, bytes):
            client.put_object(Bucket=bucket, Key=key, Body=data, **arguments)
        elif isinstance(data, Path):
            client.upload_file(str(data), bucket, key, ExtraArgs=arguments)
        else:
            with data.open("rb") as file:
                client.upload_fileobj(file, bucket, key, ExtraArgs=arguments)


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
    if code in _FORBIDDEN or code.startswith("KMS."):
        return ObjectForbidden(where)
    return ObjectStoreError(f"{where}: {error}")
