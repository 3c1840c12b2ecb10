"""Publishes into the system bucket what lies on this server's disk alone.

Models were trained, and trainings queued, before there was a bucket, or before models were
published.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import structlog

from lensmith.config import Settings
from lensmith.domain.job import Job
from lensmith.domain.job_errors import JobCancelledError, SupersededError
from lensmith.domain.project_version import ProjectVersion
from lensmith.store.published.index import CONTENT
from lensmith.store.published.linking import link_folder
from lensmith.store.published.model import earlier_folder
from lensmith.store.published.opening import published_folders, unfinished_trainings
from lensmith.store.records import artefacts, jobs
from lensmith.store.records.engine import Records

_log = structlog.get_logger(__name__)


def adopt(settings: Settings, records: Records) -> int:
    """Publish them for all servers; returns how many.

    A folder is removed from its old place by the next call: units may still load it. Raises
    OSError and ObjectStoreError.
    """
    if not settings.s3_endpoint_url:
        return 0
    with records.read() as connection:
        trained = artefacts.trained(connection)
    adopted = 0
    for version in trained:
        found = _on_this_disk(settings, version)
        if found is not None:
            adopted += _publish(settings, records, version, found)
        elif version.artefact is not None:
            shutil.rmtree(earlier_folder(settings, version), ignore_errors=True)
    return adopted


def adopt_snapshots(settings: Settings, records: Records) -> int:
    """Publish the manifests that trainings which have not ended froze here; returns how many.

    Call it before any of them starts here. One that another server takes or cancels meanwhile
    keeps the name that it has. Raises OSError and ObjectStoreError.
    """
    if not settings.s3_endpoint_url:
        return 0
    with records.read() as connection:
        unfinished = unfinished_trainings(connection)
    adopted = 0
    for job in unfinished:
        name = job.payload["snapshot"]
        found = settings.files_directory / (name or "none") / CONTENT
        if found.is_dir():
            digest = _published(settings, records, f"adoption-job-{job.id}", found)
            adopted += rename_snapshot(records, job, digest)
    return adopted


def rename_snapshot(records: Records, job: Job, digest: str) -> bool:
    """Have a training read that snapshot; returns whether it is still as `job` says."""
    try:
        with records.write() as connection:
            jobs.replace_payload(connection, job, {**job.payload, "snapshot": digest})
    except (JobCancelledError, SupersededError) as error:
        _log.info("snapshot not needed", job=job.id, reason=str(error))
        return False
    _log.info("snapshot published", job=job.id, snapshot=digest)
    return True


def _on_this_disk(settings: Settings, version: ProjectVersion) -> Path | None:
    if version.artefact is None:
        folder = earlier_folder(settings, version)
    else:
        folder = settings.files_directory / version.artefact / CONTENT
    return folder if folder.is_dir() else None


def _publish(settings: Settings, records: Records, version: ProjectVersion, found: Path) -> bool:
    digest = _published(settings, records, f"adoption-{version.id}", found)
    with records.write() as connection:
        is_adopted = artefacts.replace(connection, version, digest)
    _log.info("model published", model=version.arn, artefact=digest)
    return is_adopted


def _published(settings: Settings, records: Records, name: str, found: Path) -> str:
    """Publish a folder that stays where it is; returns its digest there."""
    copy = settings.copies_directory / name
    shutil.rmtree(copy, ignore_errors=True)  # of a server that was killed
    try:
        link_folder(found, copy)
        return published_folders(settings, records).publish(copy)
    finally:
        shutil.rmtree(copy, ignore_errors=True)
