"""Publishes into the system bucket the models that lie on this server's disk alone.

They were trained before there was a bucket, or before models were published.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import structlog

from lensmith.config import Settings
from lensmith.domain.project_version import ProjectVersion
from lensmith.store.published.index import CONTENT
from lensmith.store.published.linking import link_folder
from lensmith.store.published.model import earlier_folder
from lensmith.store.published.opening import published_folders
from lensmith.store.records import artefacts
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


def _on_this_disk(settings: Settings, version: ProjectVersion) -> Path | None:
    if version.artefact is None:
        folder = earlier_folder(settings, version)
    else:
        folder = settings.files_directory / version.artefact / CONTENT
    return folder if folder.is_dir() else None


def _publish(settings: Settings, records: Records, version: ProjectVersion, found: Path) -> bool:
    copy = settings.copies_directory / f"adoption-{version.id}"
    shutil.rmtree(copy, ignore_errors=True)  # of a server that was killed
    try:
        link_folder(found, copy)
        digest = published_folders(settings, records).publish(copy)
    finally:
        shutil.rmtree(copy, ignore_errors=True)
    with records.write() as connection:
        is_adopted = artefacts.replace(connection, version, digest)
    _log.info("model published", model=version.arn, artefact=digest)
    return is_adopted
