"""Published folders in a bucket, for servers that share it: the index, written last, publishes.

`<installation>/<digest>/content/<name>` are the files, `<installation>/<digest>/index.json` is
the index. The first part is of the records, so that two installations may have one bucket.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from lensmith.domain.errors import ObjectMissing, ObjectStoreError
from lensmith.store.objects import put_object, read_object, s3_errors
from lensmith.store.outage import is_outage, waiting_out
from lensmith.store.published.cache import FolderCache
from lensmith.store.published.folders import References
from lensmith.store.published.index import CONTENT, INDEX_FILE, Index
from lensmith.store.published.linked import LinkedFolder
from lensmith.store.unreadable_folder import (
    FolderAwayError,
    FolderDamagedError,
    FolderMissingError,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class BucketFolders:
    """Implements PublishedFolders; folders are read through a cache on this machine."""

    def __init__(
        self,
        client: Callable[[], S3Client],
        bucket: str,
        installation: str,
        cache: FolderCache,
        patience_seconds: float = 0,
    ) -> None:
        """Build the store; one that is away is waited for, for `patience_seconds` a call."""
        self._client_of = client
        self._bucket = bucket
        self._installation = installation
        self._cache = cache
        self._patience_seconds = patience_seconds

    def publish(self, folder: Path) -> str:
        index = Index.of(folder)
        data, digest = index.encode()
        for file in index.files:
            key = self._key(digest, f"{CONTENT}/{file.name}")
            self._put(key, folder / file.name)
        self._put(self._key(digest, INDEX_FILE), data)
        try:
            self._cache.add(folder, digest, data)
        except OSError as error:  # it is published all the same
            _log.warning("no local copy", digest=digest, reason=str(error))
            shutil.rmtree(folder, ignore_errors=True)
        return digest

    @contextmanager
    def using(self, digest: str) -> Iterator[Path]:
        using = partial(self._cache.using, digest, partial(self._fetch, digest))
        with ExitStack() as opened:
            with _unreadable(digest):  # who waits for the store keeps no lock of the cache
                content = self._wait(lambda: opened.enter_context(using()))
            yield content

    def read(self, digest: str, name: str) -> bytes:
        with _unreadable(digest):
            index, _ = self._index(digest)
            file = next((file for file in index.files if file.name == name), None)
            if file is None:
                raise FolderMissingError(f"The folder {digest} has no {name}.")
            data = self._read(self._key(digest, f"{CONTENT}/{name}"), max_bytes=file.size + 1)
            if not file.is_of(data):
                raise FolderDamagedError(f"{name} of {digest} is not what was published.")
            return data

    def linked(self, digest: str, seconds: int) -> LinkedFolder:
        """Return links to the files of a folder, good for `seconds`.

        Raises UnreadableFolderError.
        """
        with _unreadable(digest):
            index, data = self._index(digest)
        links = {
            file.name: self._client.generate_presigned_url(
                "get_object",
                Params={"Bucket": self._bucket, "Key": self._key(digest, f"{CONTENT}/{file.name}")},
                ExpiresIn=seconds,
            )
            for file in index.files
        }
        return LinkedFolder(digest, data, links)

    def holds(self, _digest: str) -> bool:
        return True

    @property
    def is_shared(self) -> bool:
        return True

    def remove(self, digest: str) -> None:
        self._wait(partial(self._remove, digest))
        self._cache.remove(digest)

    def orphans(self, references: References, age_seconds: float) -> list[str]:
        newest_of, now = self._listed()
        old = timedelta(seconds=age_seconds)
        aged = [digest for digest, newest in newest_of.items() if now - newest >= old]
        named = set(references())
        self._cache.keep_only(named | newest_of.keys())  # the others were removed elsewhere
        return [digest for digest in aged if digest not in named]

    def discard_unfinished(self, age_seconds: float = 0) -> None:
        self._cache.discard_unfinished(age_seconds)

    @property
    def _client(self) -> S3Client:
        return self._client_of()

    def _key(self, digest: str, name: str) -> str:
        return f"{self._installation}/{digest}/{name}"

    def _put(self, key: str, content: bytes | Path) -> None:
        def put() -> None:
            try:
                put_object(self._client, self._bucket, key, content)
            except ObjectMissing:
                self._create_bucket()
                put_object(self._client, self._bucket, key, content)

        self._wait(put)

    def _create_bucket(self) -> None:
        with s3_errors(self._bucket):
            region = self._client.meta.region_name
            arguments: Any = {}
            if region != "us-east-1":
                arguments = {"CreateBucketConfiguration": {"LocationConstraint": region}}
            try:
                self._client.create_bucket(Bucket=self._bucket, **arguments)
            except self._client.exceptions.BucketAlreadyOwnedByYou:  # by another server
                return

    def _fetch(self, digest: str, folder: Path) -> bytes:
        index, data = self._index(digest)
        for file in index.files:
            path = folder / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._download(self._key(digest, f"{CONTENT}/{file.name}"), path)
        index.check(folder)
        return data

    def _index(self, digest: str) -> tuple[Index, bytes]:
        data = self._read(self._key(digest, INDEX_FILE))
        return Index.decode(data, digest), data

    def _read(self, key: str, max_bytes: int | None = None) -> bytes:
        return read_object(self._client, self._bucket, key, max_bytes=max_bytes)

    def _download(self, key: str, path: Path) -> None:
        with s3_errors(self._bucket, key):
            self._client.download_file(self._bucket, key, str(path))

    def _wait(self, action: Callable[[], T]) -> T:
        return waiting_out(action, self._patience_seconds)

    def _listed(self) -> tuple[dict[str, datetime], datetime]:
        """Return when each folder last changed, and the time, both by the store's clock."""
        newest: dict[str, datetime] = {}
        now = None
        prefix = f"{self._installation}/"
        try:
            with s3_errors(self._bucket):
                pages = self._client.get_paginator("list_objects_v2")
                for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                    now = now or _date(page)
                    for each in page.get("Contents", ()):
                        digest = each["Key"][len(prefix) :].partition("/")[0]
                        changed = each["LastModified"]
                        newest[digest] = max(newest.get(digest, changed), changed)
        except ObjectMissing:  # no bucket yet
            pass
        return newest, now or datetime.now().astimezone()

    def _remove(self, digest: str) -> None:
        """Remove the index before the files: half a folder is never read."""
        with s3_errors(self._bucket):
            self._delete(self._key(digest, INDEX_FILE))
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._key(digest, "")):
                for each in page.get("Contents", ()):
                    self._delete(each["Key"])

    def _delete(self, key: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=key)


def _date(answer: Any) -> datetime:
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])


@contextmanager
def _unreadable(digest: str) -> Iterator[None]:
    """Translate the store's errors about a folder."""
    try:
        yield
    except ObjectMissing as error:
        raise FolderMissingError(f"The folder {digest} is not in the system bucket.") from error
    except ObjectStoreError as error:
        kind = FolderAwayError if is_outage(error) else FolderDamagedError
        raise kind(f"The folder {digest} cannot be read: {error}") from error
