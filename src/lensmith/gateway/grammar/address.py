"""The bucket and key of a request: in the path, or the bucket in the host name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote, unquote_to_bytes

from lensmith.domain.s3_errors import S3Error
from lensmith.domain.s3_key import is_ambiguous, is_inner, is_store_id
from lensmith.gateway.grammar.operation import Level
from lensmith.gateway.http.store_request import encoded

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_IP_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_PLAIN = re.compile(r"[A-Za-z0-9._~/-]*")
_MAX_KEY = 1024  # bytes
_MAX_HOSTS = 64


class Address(NamedTuple):
    """Names a bucket or an object; `path` is how the store knows it, percent-encoded."""

    bucket: str
    key: str
    path: str

    @property
    def level(self) -> Level:
        if self.key:
            return Level.OBJECT
        return Level.BUCKET if self.bucket else Level.SERVICE

    @property
    def arn(self) -> str:
        """The resource of IAM policies."""
        if not self.bucket:
            return "*"
        return f"arn:aws:s3:::{self.bucket}/{self.key}" if self.key else bucket_arn(self.bucket)


def bucket_arn(bucket: str) -> str:
    return f"arn:aws:s3:::{bucket}"


class Hosts:
    """Names of this server; a bucket may stand before each of them, with a dot."""

    def __init__(self, names: Iterable[str]) -> None:
        self._suffixes = tuple(f".{name.lower()}" for name in names)
        self._own: set[str] = set()  # hosts seen in which no bucket stands

    def bucket_of(self, host: str) -> str:
        """Return the bucket in a Host header, or nothing for a host that is the server's own."""
        if host in self._own:
            return ""
        bucket = self._read(host)
        if not bucket and len(self._own) < _MAX_HOSTS:
            self._own.add(host)
        return bucket

    def _read(self, host: str) -> str:
        name = host.lower()
        if not name.endswith("]"):
            name = name.partition(":")[0] if name.count(":") <= 1 else name
        for suffix in self._suffixes:
            if name.endswith(suffix):
                return name[: -len(suffix)]
        return ""


def find_address(host: str, path: str, hosts: Hosts) -> Address:
    """Return bucket and key of a request whose path is as sent.

    Raises S3Error for a key that is not UTF-8 or that the store would take for another.
    """
    decoded = _decoded(path)
    bucket = hosts.bucket_of(host)
    if bucket:
        key = decoded[1:]
    else:
        bucket, _, key = decoded[1:].partition("/")
    return address(bucket, key)


def address(bucket: str, key: str = "") -> Address:
    """Return the address of a bucket or of an object in it; raises S3Error for an odd key."""
    if not bucket:
        if key:
            raise S3Error("InvalidBucketName")
        return Address("", "", "/")
    if not key:
        return Address(bucket, "", f"/{encoded(bucket)}")
    refuse_odd_key(key)
    path = f"/{bucket}/{key}"
    return Address(bucket, key, path if _PLAIN.fullmatch(path) else encoded(path, "/"))


def copy_source(header: str) -> tuple[Address, str]:
    """Read x-amz-copy-source: an object, and the version that is named or nothing."""
    path, _, query = header.partition("?")
    version = ""
    if query:
        name, _, version = query.partition("=")
        if name != "versionId" or "&" in version:
            raise S3Error("InvalidArgument", "x-amz-copy-source takes no query but versionId.")
    try:
        decoded = unquote(path, errors="strict") if "%" in path else path
        version = unquote(version, errors="strict")
    except UnicodeDecodeError as error:
        raise S3Error("InvalidArgument", "x-amz-copy-source must be UTF-8.") from error
    bucket, _, key = decoded.removeprefix("/").partition("/")
    if not is_store_id(version):
        raise S3Error("InvalidArgument", "Invalid version id specified", ArgumentName="versionId")
    if not bucket or not key:
        raise S3Error("InvalidArgument", "Copy Source must mention the source bucket and key.")
    return address(bucket, key), version


def refuse_odd_key(key: str) -> None:
    """Raise S3Error for a key that the store cannot tell from another, or cannot keep."""
    if len(key) > _MAX_KEY // 4 and len(key.encode()) > _MAX_KEY:
        raise S3Error("KeyTooLongError", Size=str(len(key.encode())), MaxSizeAllowed=str(_MAX_KEY))
    if is_inner(key):
        raise S3Error(
            "InvalidArgument",
            "This server keeps no key that begins with .uploads/, or has a part that ends with "
            ".versions: its store keeps parts of uploads and older versions there.",
            ArgumentName="key",
            ArgumentValue=key,
        )
    if is_ambiguous(key):
        raise S3Error(
            "InvalidArgument",
            "This server keeps no key that begins with a slash, has two slashes in a row, a "
            "backslash, or a part that is '.' or '..': its store would take it for another key.",
            ArgumentName="key",
            ArgumentValue=key.replace("\0", ""),
        )


def refuse_odd_bucket(name: str) -> None:
    """Raise S3Error for a name that no bucket can have."""
    if not _NAME.fullmatch(name) or ".." in name or _IP_ADDRESS.fullmatch(name):
        raise S3Error("InvalidBucketName", BucketName=name)


def _decoded(path: str) -> str:
    if "%" not in path and path.isascii():
        return path
    try:
        return unquote_to_bytes(path.encode("latin-1")).decode()
    except UnicodeDecodeError as error:
        raise S3Error("InvalidURI") from error
