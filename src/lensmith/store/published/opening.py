"""Opens the store of published folders that the settings ask for, and reads who names what."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from sqlalchemy import Connection

from lensmith.config import Settings
from lensmith.domain.job import Job, JobKind, JobStatus
from lensmith.store.objects import ObjectStores
from lensmith.store.published.bucket import BucketFolders
from lensmith.store.published.cache import FolderCache
from lensmith.store.published.directory import DirectoryFolders
from lensmith.store.published.folders import DIGEST_LENGTH, PublishedFolders
from lensmith.store.records import accounts, artefacts, jobs
from lensmith.store.records.engine import Records

_INSTALLATION = "installation"  # name of the secret that tells installations apart


def published_folders(
    settings: Settings, records: Records, patience_seconds: float = 0
) -> PublishedFolders:
    """Return the system bucket of an external S3, or a directory beside the embedded one.

    A store that is away is waited for, for `patience_seconds` a call.
    """
    if not settings.s3_endpoint_url:
        return DirectoryFolders(settings.files_directory)
    return _in_bucket(settings, records, patience_seconds)


@lru_cache(maxsize=8)  # making a client of S3 takes a tenth of a second
def _in_bucket(settings: Settings, records: Records, patience_seconds: float) -> BucketFolders:
    stores = ObjectStores(settings, records, prompt=not patience_seconds)
    return BucketFolders(
        stores.internal,
        settings.system_bucket,
        installation(records),
        FolderCache(settings.files_cache_directory, settings.files_cache_bytes),
        patience_seconds,
    )


def installation(records: Records) -> str:
    """Return what tells these records, and every copy of them, from others."""
    with records.write() as connection:
        identity = accounts.secret(connection, _INSTALLATION)
    return hashlib.sha256(identity).hexdigest()[:16]


def referenced(connection: Connection) -> set[str]:
    """Return the digests of every model, and of the snapshots of unfinished trainings."""
    unfinished = unfinished_trainings(connection)
    snapshots = {job.payload["snapshot"] for job in unfinished if job.payload["snapshot"]}
    return artefacts.named(connection) | snapshots


def unfinished_trainings(connection: Connection) -> list[Job]:
    """Return the trainings that wait or run: each reads its snapshot."""
    return [
        job
        for status in (JobStatus.QUEUED, JobStatus.RUNNING)
        for job in jobs.with_status(connection, status, [JobKind.TRAIN])
    ]


def is_digest(name: str) -> bool:
    """Return whether a snapshot's name is a digest; older ones are folders of their own."""
    return len(name) == DIGEST_LENGTH
